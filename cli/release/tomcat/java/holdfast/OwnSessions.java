package holdfast;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.catalina.Context;
import org.apache.catalina.Manager;
import org.apache.catalina.Session;
import org.apache.catalina.ha.session.DeltaManager;
import org.apache.catalina.ha.session.DeltaSession;
import org.apache.catalina.session.StandardSession;

/** This server's sessions that others have copies of, each by its application and id, and what is in them. */
final class OwnSessions {
  /** Sessions per message: few enough that their digests are computed well before the other member stops waiting for the answer. */
  static final int PAGE = 200;
  static final String PRIMARY = "1";
  static final String COPY = "0";

  private OwnSessions() {}

  static List<String> keys() {
    List<String> found = new ArrayList<>();
    for (Context context : MainEngine.applications()) {
      Manager manager = context.getManager();
      if (!(manager instanceof CopiedSessions)) continue;
      for (Session session : manager.findSessions()) {
        if (!SessionsInMemory.hasTimedOut(session)) found.add(context.getName() + " " + session.getIdInternal());
      }
    }
    return found;
  }

  /** The next of all in their order: those behind `last`, from the beginning when that is empty. */
  static Collection<String> pageAfter(String last) {
    TreeSet<String> page = new TreeSet<>();
    for (String key : keys()) {
      if (key.compareTo(last) <= 0 || (page.size() == PAGE && key.compareTo(page.last()) >= 0)) continue;
      page.add(key);
      if (page.size() > PAGE) page.pollLast();
    }
    return page;
  }

  /** For each of these sessions that still exists: `1` if it is in use here or `0` if it is a copy, followed by its digest. */
  static Map<String, String> digests(Collection<String> keys) {
    Map<String, Context> contexts = new HashMap<>();
    for (Context context : MainEngine.applications()) contexts.put(context.getName(), context);
    Map<String, String> found = new HashMap<>();
    for (String key : keys) {
      int blank = key.lastIndexOf(' ');
      Context context = contexts.get(key.substring(0, blank));
      Session session = context == null ? null : find(context, key.substring(blank + 1));
      if (session == null || SessionsInMemory.hasTimedOut(session)) continue;
      String digest = digestOf(session, context);
      if (digest != null) found.put(key, (((DeltaSession) session).isPrimarySession() ? PRIMARY : COPY) + digest);
    }
    return found;
  }

  private static Session find(Context context, String id) {
    Manager manager = context.getManager();
    try {
      return manager instanceof CopiedSessions ? ((DeltaManager) manager).findSession(id) : null;
    } catch (IOException unreadable) {
      return null;
    }
  }

  /** Null for a session that has ended meanwhile. What cannot be written is like nothing else. */
  private static String digestOf(Session session, Context context) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    ClassLoader classes = context.getLoader().getClassLoader();
    thread.setContextClassLoader(classes);
    try {
      return SessionDigest.of((StandardSession) session, classes);
    } catch (IllegalStateException ended) {
      return null;
    } catch (Exception | LinkageError unwritable) {
      return "unwritable here " + System.nanoTime();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
