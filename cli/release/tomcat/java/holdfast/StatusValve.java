package holdfast;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.function.LongBinaryOperator;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Answers `GET /status` with the counts of the main connector as JSON, in an engine of its own whose connector listens on
 * 127.0.0.1. It only reads, and what it answers is all that can be read there.
 */
public class StatusValve extends ValveBase {
  /** The main engine's name, which is the domain of its MBeans. */
  private static final String DOMAIN = "Catalina";

  @Override
  public void invoke(Request request, Response response) throws IOException {
    if (!"GET".equals(request.getMethod()) || !"/status".equals(request.getDecodedRequestURI())) {
      response.setStatus(404);
      return;
    }
    RequestCounts counts = RequestCounts.MAIN;
    response.setStatus(200);
    response.setContentType("application/json");
    response.getWriter().write(
        "{\"inFlight\":" + counts.inFlight.get()
            + ",\"requests\":" + counts.requests.get()
            + ",\"errors\":" + counts.errors.get()
            + ",\"latencyMs\":" + counts.latencyMs()
            + ",\"sessions\":" + read("type=Manager", "activeSessions", Long::sum)
            + ",\"sessionTimeoutSeconds\":" + 60 * read("j2eeType=WebModule", "sessionTimeout", Math::max)
            + ",\"busyThreads\":" + read("type=ThreadPool", "currentThreadsBusy", Long::sum)
            + "}");
  }

  /** An attribute of all the main engine's MBeans of a kind, joined; 0 without one, -1 when it cannot be read. */
  private static long read(String kind, String attribute, LongBinaryOperator join) {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    long total = 0;
    try {
      for (ObjectName name : beans.queryNames(new ObjectName(DOMAIN + ":" + kind + ",*"), null)) {
        // The pool has beans for its parts as well, without this attribute.
        if (name.getKeyProperty("subType") == null) total = join.applyAsLong(total, ((Number) beans.getAttribute(name, attribute)).longValue());
      }
    } catch (JMException error) {
      return -1;
    }
    return total;
  }
}
