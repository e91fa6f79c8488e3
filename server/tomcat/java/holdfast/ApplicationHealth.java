package holdfast;

import java.lang.reflect.InvocationTargetException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;

/**
 * Whether this release works, by what Tomcat itself can see: the application has started, its session manager keeps a session, and the
 * pages that are asked answer. Checks run one after the other on a thread of their own, so that a store that hangs occupies one thread.
 */
final class ApplicationHealth {
  /** Below the 2 s after which the request ends: the answer names the part that was not ready. */
  private static final long ANSWER_MS = 1_700;
  private static final Logger LOG = Logger.getLogger("holdfast");

  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "holdfast-health");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, String> pages;
  private final int port;
  private volatile String checking = "application";
  private Future<Map<String, Boolean>> latest;

  /**
   * @param port of the main connector
   * @param pages the status codes that each path may answer with, by path
   */
  ApplicationHealth(int port, Map<String, String> pages) {
    this.port = port;
    this.pages = pages;
  }

  /** Whether each part works, up to the first that does not. */
  synchronized Map<String, Boolean> check() {
    // One that took longer than its request answers the next.
    if (latest == null) latest = worker.submit(this::checkParts);
    try {
      Map<String, Boolean> parts = latest.get(ANSWER_MS, TimeUnit.MILLISECONDS);
      latest = null;
      return parts;
    } catch (TimeoutException | InterruptedException late) {
      LOG.log(Level.SEVERE, "The readiness check of the " + checking + " is not done after " + ANSWER_MS + " ms.");
      return down(checking);
    } catch (ExecutionException error) {
      latest = null;
      LOG.log(Level.SEVERE, "The readiness check of the " + checking + " failed: " + error.getCause());
      return down(checking);
    }
  }

  private static Map<String, Boolean> down(String part) {
    Map<String, Boolean> parts = new LinkedHashMap<>();
    parts.put(part, Boolean.FALSE);
    return parts;
  }

  private Map<String, Boolean> checkParts() {
    Map<String, Boolean> parts = new LinkedHashMap<>();
    boolean works = add(parts, "application", MainEngine::unavailable) && add(parts, "sessions", ApplicationHealth::sessions);
    if (works) add(parts, "pages", this::wrongPage);
    return parts;
  }

  private interface Check {
    /** What is wrong; null if nothing is. */
    String problem() throws Exception;
  }

  private boolean add(Map<String, Boolean> parts, String name, Check check) {
    checking = name;
    String problem;
    try {
      problem = check.problem();
    } catch (Exception error) {
      problem = String.valueOf(error instanceof InvocationTargetException ? error.getCause() : error);
    }
    if (problem != null) LOG.log(Level.SEVERE, "The readiness check fails (" + name + "): " + problem + ".");
    parts.put(name, Boolean.valueOf(problem == null));
    return problem == null;
  }

  private static String sessions() throws Exception {
    for (Context context : MainEngine.applications()) {
      String problem = SessionCheck.problemOf(context);
      if (problem != null) return problem;
    }
    return null;
  }

  private String wrongPage() throws Exception {
    for (Map.Entry<String, String> page : pages.entrySet()) {
      String problem = PathCheck.problemOf(port, page.getKey(), page.getValue());
      if (problem != null) return problem;
    }
    return null;
  }
}
