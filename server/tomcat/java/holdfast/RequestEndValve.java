package holdfast;

import java.io.IOException;
import org.apache.catalina.Session;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/** Tells a session when its requests begin and end. It never begins one, and an end is told before the response's. */
public class RequestEndValve extends ValveBase {
  RequestEndValve() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException {
    StoredSession first = sessionOf(request);
    if (first != null) first.requestBegins();
    try {
      getNext().invoke(request, response);
    } finally {
      // The application may have ended the session and begun another.
      StoredSession last = sessionOf(request);
      if (last != null && request.isAsync()) noteLaterEnd(request, last);
      if (last != null && last != first) last.requestEnds(false);
      if (first != null) first.requestEnds(true);
    }
  }

  private static void noteLaterEnd(Request request, StoredSession session) {
    Runnable before = (Runnable) request.getNote(AtRequestEnd.LATER);
    Runnable later = session.atLaterEnd();
    Runnable both =
        () -> {
          if (before != null) before.run();
          later.run();
        };
    request.setNote(AtRequestEnd.LATER, both);
  }

  private static StoredSession sessionOf(Request request) {
    try {
      Session session = request.getSessionInternal(false);
      return session instanceof StoredSession ? (StoredSession) session : null;
    } catch (RuntimeException storeIsDown) {
      return null;
    }
  }
}
