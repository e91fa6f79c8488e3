package holdfast;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Begins and ends what is noted of an application's requests. It is in the host's pipeline: the application's listeners of requests, its log-in
 * by Tomcat, its filters and its error pages are all behind it, and an end comes before that of the response, but for those of error pages. A
 * valve that server.xml has before it is not noted.
 */
public class RequestEndValve extends ValveBase {
  private static final int FAILED = 500;

  private final StoredSessions sessions;

  RequestEndValve(StoredSessions sessions) {
    super(true);
    this.sessions = sessions;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException {
    if (request.getContext() != sessions.getContext()) {
      getNext().invoke(request, response);
      return;
    }
    RequestReads reads = RequestReads.begin();
    boolean isWritten = true;
    try {
      getNext().invoke(request, response);
    } finally {
      if (request.isAsync()) noteLaterEnd(request, reads.atLaterEnd());
      isWritten = reads.end();
    }
    // As Redisson does: an answer that all went well would not be true.
    if (!isWritten && !request.isAsync() && !response.isCommitted()) {
      response.reset();
      response.sendError(FAILED);
    }
  }

  private static void noteLaterEnd(Request request, Runnable later) {
    Runnable before = (Runnable) request.getNote(SessionRouteValve.LATER);
    Runnable both =
        () -> {
          if (before != null) before.run();
          later.run();
        };
    request.setNote(SessionRouteValve.LATER, both);
  }

  /**
   * Is in the application's own pipeline in the place of Redisson's valve: a request with a session is a use of it, whatever the application
   * asks. Tomcat's authenticator has asked before, for most. Redisson's valve asks the store three times, and of a session that has ended, twice.
   */
  static final class Use extends ValveBase {
    Use() {
      super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException {
      RequestReads current = RequestReads.current();
      if (current == null || !current.hasAsked) request.getSessionInternal(false);
      getNext().invoke(request, response);
    }
  }
}
