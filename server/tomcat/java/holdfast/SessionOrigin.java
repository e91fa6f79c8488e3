package holdfast;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.Manager;
import org.apache.catalina.Session;
import org.apache.catalina.connector.Request;

/** Notes on sessions in memory: which began without a user, when a user's first one began, and which are known by the id in a URL. */
final class SessionOrigin {
  private static final String OWN_REQUEST = "holdfast.ownRequest";
  private static final String OWN = "holdfast.own";
  private static final String BEGAN = "holdfast.began";
  private static final String IN_URL = "holdfast.inUrl";
  /** Others look in a store for what they do not have in memory. */
  private static final Set<String> IN_MEMORY =
      new HashSet<>(Arrays.asList("org.apache.catalina.session.StandardManager", "org.apache.catalina.ha.session.DeltaManager"));

  private SessionOrigin() {}

  /**
   * Is called when a request begins, before a valve replaces the client's address by that of a header. Notes whether the request is a probe of
   * this server or a load balancer's health check: neither has X-Forwarded-For, which a load balancer adds to what users send. Notes as well
   * when the session that the request names began, because at a login applications end that session and begin another.
   */
  static void noteRequest(Request request) {
    String agent = request.getHeader("user-agent");
    boolean isCheck = agent != null && agent.startsWith("ELB-HealthChecker/");
    String from = request.getRemoteAddr();
    boolean isLocal = from != null && (from.startsWith("127.") || from.equals("0:0:0:0:0:0:0:1") || from.equals("::1"));
    if (request.getHeader("X-Forwarded-For") == null && (isCheck || isLocal)) request.setNote(OWN_REQUEST, Boolean.TRUE);
    // An asynchronous request comes by once more, when its first session has ended already.
    Session named = request.getNote(BEGAN) == null ? named(request) : null;
    if (named != null && isUsers(named)) request.setNote(BEGAN, Long.valueOf(began(named)));
  }

  /** Is called when a request ends. A session counts as nobody's until a request of a user has it. */
  static void noteSession(Request request, Session session) {
    boolean isOwn = request.getNote(OWN_REQUEST) != null;
    Long began = (Long) request.getNote(BEGAN);
    request.removeNote(OWN_REQUEST);
    request.removeNote(BEGAN);
    if (session == null) return;
    if (!isOwn) mark(session, OWN, false);
    else if (!session.getIdInternal().equals(request.getRequestedSessionId())) mark(session, OWN, true);
    if (began != null && began.longValue() < began(session)) session.setNote(BEGAN, began);
    mark(session, IN_URL, request.isRequestedSessionIdFromURL());
  }

  /** Writes nothing that is there already: in a cluster each note is a change of the session, which the other servers get. */
  private static void mark(Session session, String name, boolean is) {
    if (is == (session.getNote(name) != null)) return;
    if (is) session.setNote(name, Boolean.TRUE);
    else session.removeNote(name);
  }

  /** The session in this server's memory that a request names; null without one. Looking it up is no use of it. */
  private static Session named(Request request) {
    String id = request.getRequestedSessionId();
    Context context = id == null ? null : request.getContext();
    Manager manager = context == null ? null : context.getManager();
    if (manager == null || !IN_MEMORY.contains(manager.getClass().getName())) return null;
    try {
      Session session = manager.findSession(id);
      return session == null || SessionsInMemory.hasTimedOut(session) ? null : session;
    } catch (IOException unreadable) {
      return null;
    }
  }

  /** A session that the readiness check began. */
  static void noteOwn(Session session) {
    session.setNote(OWN, Boolean.TRUE);
  }

  static boolean isUsers(Session session) {
    return session.getNote(OWN) == null;
  }

  /** When this session began, or the one of the same user that it took the place of, in milliseconds since the epoch. */
  static long began(Session session) {
    Long before = (Long) session.getNote(BEGAN);
    return before == null ? session.getCreationTimeInternal() : before.longValue();
  }

  static boolean isInUrl(Session session) {
    return session.getNote(IN_URL) != null;
  }
}
