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
import org.apache.catalina.tribes.Member;

/** This server's sessions that others have copies of, each by its application and id, and what is in them. */
final class OwnSessions {
  /** Sessions per message: few enough that their digests are computed well before the other member stops waiting for the answer. */
  static final int PAGE = 200;
  static final String PRIMARY = "1";
  static final String COPY = "0";
  /** State of a session that is in use here and has changes, which the other members get at the end of the request. */
  static final String UNSENT = "2";

  private static final String UNWRITABLE = "unwritable: ";

  private OwnSessions() {}

  static List<String> keys() {
    List<String> found = new ArrayList<>();
    for (Context context : MainEngine.applications()) {
      Manager manager = context.getManager();
      if (!(manager instanceof CopiedSessions)) continue;
      for (Session session : manager.findSessions()) {
        if (!isOver((DeltaSession) session)) found.add(context.getName() + " " + session.getIdInternal());
      }
    }
    return found;
  }

  /**
   * Whether nobody can lose it any more. A copy learns of requests that change nothing only once in a session's time-out, so it lasts twice
   * as long, as with Tomcat; since its latest access, for a copy that came at a member's start is as good as new to Tomcat.
   */
  private static boolean isOver(DeltaSession session) {
    if (session.isPrimarySession()) return SessionsInMemory.hasTimedOut(session);
    int longest = session.getMaxInactiveInterval();
    return longest > 0 && System.currentTimeMillis() - session.getLastAccessedTimeInternal() >= 2_000L * longest;
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

  /**
   * Says of each session that is here whether it is a copy (`0`), or in use here (`1`; `2` with changes that were not sent), and its digest. One
   * that has timed out is here until Tomcat ends it on all members.
   */
  static Map<String, String> digests(Collection<String> keys) {
    Map<String, Context> contexts = new HashMap<>();
    for (Context context : MainEngine.applications()) contexts.put(context.getName(), context);
    Map<String, String> found = new HashMap<>();
    for (String key : keys) {
      int blank = key.lastIndexOf(' ');
      Context context = contexts.get(key.substring(0, blank));
      Session session = context == null ? null : find(context, key.substring(blank + 1));
      if (session == null) continue;
      // The state is read before the content: changes that are sent between the two are then in the content.
      String state = stateOf((DeltaSession) session);
      String digest = digestOf(session, context);
      if (digest != null) found.put(key, state + digest);
    }
    return found;
  }

  private static String stateOf(DeltaSession session) {
    if (session.isDirty()) return UNSENT;
    return session.isPrimarySession() ? PRIMARY : COPY;
  }

  /** Why a session cannot be written, of what `digests` says of it; null for one that can. */
  static String whyUnwritable(String found) {
    int length = 1 + UNWRITABLE.length();
    return found.startsWith(UNWRITABLE, 1) ? found.substring(length, found.lastIndexOf(' ')) : null;
  }

  /** Sends it to a member, all of it; false for one that has ended. */
  static boolean sendWhole(String key, Member member) throws IOException {
    int blank = key.lastIndexOf(' ');
    for (Context context : MainEngine.applications()) {
      Session session = context.getName().equals(key.substring(0, blank)) ? find(context, key.substring(blank + 1)) : null;
      if (session == null) continue;
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      thread.setContextClassLoader(context.getLoader().getClassLoader());
      try {
        ((CopiedSessions) context.getManager()).sendWhole(member, session);
      } finally {
        thread.setContextClassLoader(before);
      }
      return true;
    }
    return false;
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
      return UNWRITABLE + CopiedSessions.describe(unwritable) + " " + System.nanoTime();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
