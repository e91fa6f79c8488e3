package holdfast;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Answers `GET /status` with the counts of the main connector and of the sessions as JSON (with `?before=MS`, users' sessions that began
 * before then and have not timed out), and `GET /health` with whether the release works, in an engine of
 * its own whose connector listens on 127.0.0.1. What it answers is all that can be asked there.
 */
public class StatusValve extends ValveBase {
  /** The main engine's name, which is the domain of its MBeans. */
  private static final String DOMAIN = "Catalina";

  private static final Pattern BEFORE = Pattern.compile("(?:^|&)before=([0-9]{1,15})(?:&|$)");

  private final Map<String, String> pages = new LinkedHashMap<>();
  private int mainPort;
  private ApplicationHealth health;

  public void setMainPort(int port) {
    mainPort = port;
  }

  /** Paths that have to answer, each with its status codes, separated by blanks: `/live 200 / 200-499`. */
  public void setPages(String text) {
    String[] words = text.trim().split("\\s+");
    for (int index = 0; index + 1 < words.length; index += 2) pages.put(words[index], words[index + 1]);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException {
    String path = "GET".equals(request.getMethod()) ? request.getDecodedRequestURI() : "";
    if (path.equals("/status")) write(response, 200, counts(before(request.getQueryString())));
    else if (path.equals("/health")) answerHealth(response);
    else response.setStatus(404);
  }

  private static void write(Response response, int status, String json) throws IOException {
    response.setStatus(status);
    response.setContentType("application/json");
    response.getWriter().write(json);
  }

  /** Answers in the form of Spring's health endpoint: `{"status":"DOWN","components":{"sessions":{"status":"DOWN"}}}`. */
  private void answerHealth(Response response) throws IOException {
    StringBuilder parts = new StringBuilder();
    boolean up = true;
    for (Map.Entry<String, Boolean> part : health().check().entrySet()) {
      boolean works = part.getValue().booleanValue();
      up &= works;
      if (parts.length() > 0) parts.append(',');
      parts.append('"').append(part.getKey()).append("\":{\"status\":\"").append(works ? "UP" : "DOWN").append("\"}");
    }
    write(response, up ? 200 : 503, "{\"status\":\"" + (up ? "UP" : "DOWN") + "\",\"components\":{" + parts + "}}");
  }

  private synchronized ApplicationHealth health() {
    if (health == null) health = new ApplicationHealth(mainPort, pages);
    return health;
  }

  /** The moment in `before=MS`; the latest there is without it. */
  private static long before(String query) {
    Matcher found = BEFORE.matcher(query == null ? "" : query);
    return found.find() ? Long.parseLong(found.group(1)) : Long.MAX_VALUE;
  }

  private static String text(String value) {
    // Names of cookies and routes have neither quotation marks nor backslashes.
    return value == null ? "null" : "\"" + value.replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "?") + "\"";
  }

  private static String counts(long before) {
    RequestCounts counts = RequestCounts.MAIN;
    String unwritten = UnwrittenSamples.MAIN.json();
    return "{\"inFlight\":" + counts.inFlight.get()
        + ",\"requests\":" + counts.requests.get()
        + ",\"errors\":" + counts.errors.get()
        + ",\"latencyMs\":" + counts.latencyMs()
        + ",\"sessions\":" + (before == Long.MAX_VALUE ? active() : SessionsInMemory.begunBefore(before))
        + ",\"sessionsInUrls\":" + SessionsInMemory.inUrls()
        + ",\"route\":" + text(MainEngine.route())
        + ",\"cookie\":" + text(SessionsInMemory.cookies())
        + ",\"timeoutSeconds\":" + SessionsInMemory.timeoutSeconds()
        + ",\"busyThreads\":" + read("type=ThreadPool", "currentThreadsBusy", Long::sum)
        + (unwritten == null ? "" : ",\"unwritten\":" + unwritten)
        + "}";
  }

  private static long active() {
    long active = read("type=Manager", "activeSessions", Long::sum);
    return active < 0 ? active : Math.max(0, active - SessionsInMemory.copies());
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
