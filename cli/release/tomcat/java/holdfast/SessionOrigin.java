package holdfast;

import org.apache.catalina.Session;
import org.apache.catalina.connector.Request;

/** Notes on sessions: which began without a user, and which are known by the id in a URL. */
final class SessionOrigin {
  private static final String OWN_REQUEST = "holdfast.ownRequest";
  private static final String OWN = "holdfast.own";
  private static final String IN_URL = "holdfast.inUrl";

  private SessionOrigin() {}

  /**
   * At the request's begin, before a valve replaces the address by that of a header: whether it is a probe of this server, or a load
   * balancer's health check. Neither has X-Forwarded-For, which a load balancer adds to what users send.
   */
  static void noteRequest(Request request) {
    String agent = request.getHeader("user-agent");
    boolean isCheck = agent != null && agent.startsWith("ELB-HealthChecker/");
    String from = request.getRemoteAddr();
    boolean isLocal = from != null && (from.startsWith("127.") || from.equals("0:0:0:0:0:0:0:1") || from.equals("::1"));
    if (request.getHeader("X-Forwarded-For") == null && (isCheck || isLocal)) request.setNote(OWN_REQUEST, Boolean.TRUE);
  }

  /** At its end. A session is nobody's until a user's request has it. */
  static void noteSession(Request request, Session session) {
    boolean isOwn = request.getNote(OWN_REQUEST) != null;
    request.removeNote(OWN_REQUEST);
    if (session == null) return;
    if (!isOwn) session.removeNote(OWN);
    else if (!session.getIdInternal().equals(request.getRequestedSessionId())) session.setNote(OWN, Boolean.TRUE);
    if (request.isRequestedSessionIdFromURL()) session.setNote(IN_URL, Boolean.TRUE);
    else session.removeNote(IN_URL);
  }

  /** A session that the gate's check began. */
  static void noteOwn(Session session) {
    session.setNote(OWN, Boolean.TRUE);
  }

  static boolean isUsers(Session session) {
    return session.getNote(OWN) == null;
  }

  static boolean isInUrl(Session session) {
    return session.getNote(IN_URL) != null;
  }
}
