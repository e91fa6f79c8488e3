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
    RequestReads reads = RequestReads.begin();
    StoredSession first = sessionOf(request);
    if (first != null) reads.beginFor(first);
    try {
      getNext().invoke(request, response);
    } finally {
      try {
        // The application may have ended the session and begun another.
        StoredSession last = request.isAsync() ? sessionOf(request) : null;
        if (last != null) noteLaterEnd(request, last.atLaterEnd(reads.of(last)));
      } finally {
        reads.end();
      }
    }
  }

  private static void noteLaterEnd(Request request, Runnable later) {
    Runnable before = (Runnable) request.getNote(AtRequestEnd.LATER);
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
