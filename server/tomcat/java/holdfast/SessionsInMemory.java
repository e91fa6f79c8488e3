package holdfast;

import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.Manager;
import org.apache.catalina.Session;
import org.apache.catalina.ha.session.DeltaSession;
import org.apache.catalina.util.SessionConfig;

/** What a deploy asks about the sessions in this server's memory: how they are known, how long they last, and how many hold it. */
final class SessionsInMemory {
  private static final int SECONDS = 60;
  private static final String OF_CLUSTER = "org.apache.catalina.ha.session.DeltaSession";

  private SessionsInMemory() {}

  /** The name of the session cookie; with several applications all their names, separated by blanks. */
  static String cookies() {
    Set<String> names = new LinkedHashSet<>();
    for (Context context : MainEngine.applications()) names.add(SessionConfig.getSessionCookieName(context));
    return String.join(" ", names);
  }

  /** The longest session time-out of all applications, in seconds; -1 if one never times out, 0 without an application. */
  static long timeoutSeconds() {
    long longest = 0;
    for (Context context : MainEngine.applications()) {
      long seconds = (long) context.getSessionTimeout() * SECONDS;
      if (seconds <= 0) return -1;
      longest = Math.max(longest, seconds);
    }
    return longest;
  }

  /** Users' sessions that began before a moment, or took the place of one that did, and have not timed out. */
  static int begunBefore(long milliseconds) {
    int count = 0;
    for (Session session : all()) {
      if (SessionOrigin.began(session) < milliseconds && SessionOrigin.isUsers(session)) count += 1;
    }
    return count;
  }

  /** `{"sessions":2,"of":40}`: users' sessions that are known by the id in URLs, of all of users here; null where there is none of a user. */
  static String inUrlsOfAll() {
    int of = begunBefore(Long.MAX_VALUE);
    return of == 0 ? null : "{\"sessions\":" + Math.min(of, inUrls()) + ",\"of\":" + of + "}";
  }

  /** Users' sessions whose latest request had the id in the URL and not in a cookie. */
  static int inUrls() {
    int count = 0;
    for (Session session : all()) {
      if (SessionOrigin.isInUrl(session) && SessionOrigin.isUsers(session)) count += 1;
    }
    return count;
  }

  private static Iterable<Session> all() {
    Set<Session> found = new LinkedHashSet<>();
    for (Context context : MainEngine.applications()) {
      Manager manager = context.getManager();
      if (manager == null) continue;
      for (Session session : manager.findSessions()) {
        if (!isCopy(session) && !hasTimedOut(session)) found.add(session);
      }
    }
    return found;
  }

  /** Sessions of a cluster's other servers. */
  static int copies() {
    int count = 0;
    for (Context context : MainEngine.applications()) {
      Manager manager = context.getManager();
      if (manager == null) continue;
      for (Session session : manager.findSessions()) if (isCopy(session)) count += 1;
    }
    return count;
  }

  /** Each server of a cluster has all sessions: one is its own until another server answers its user. */
  private static boolean isCopy(Session session) {
    // By its name, since Tomcat can lack the classes of clusters.
    return session.getClass().getName().equals(OF_CLUSTER) && !((DeltaSession) session).isPrimarySession();
  }

  /** Tomcat removes such a session up to a minute later. Asking the session itself would end it here, and Redisson's would ask the store. */
  static boolean hasTimedOut(Session session) {
    int longest = session.getMaxInactiveInterval();
    return longest > 0 && System.currentTimeMillis() - session.getThisAccessedTimeInternal() >= longest * 1_000L;
  }
}
