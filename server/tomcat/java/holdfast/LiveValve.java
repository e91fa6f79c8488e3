package holdfast;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Answers the load balancer's health check in the place of the application: 200 while the application is available. A request with
 * X-Forwarded-For is a user's and goes on to the application. No session begins, and neither the store nor the application is asked.
 */
public class LiveValve extends ValveBase {
  private String path;

  public LiveValve() {
    // Without this, no request behind the valve could be asynchronous.
    super(true);
  }

  public void setPath(String value) {
    path = value;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException {
    if (!request.getDecodedRequestURI().equals(path) || request.getHeader("X-Forwarded-For") != null) {
      getNext().invoke(request, response);
      return;
    }
    boolean available = MainEngine.unavailable() == null;
    response.setStatus(available ? 200 : 503);
    response.setContentType("text/plain");
    response.getWriter().write(available ? "UP\n" : "DOWN\n");
  }
}
