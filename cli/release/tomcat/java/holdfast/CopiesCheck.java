package holdfast;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One comparison of sessions at a time, on a thread of its own: a member that does not answer occupies one thread. */
final class CopiesCheck {
  /** Below the 2 s after which a probe's request ends. */
  private static final long ANSWER_MS = 1_700;

  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "holdfast-copies");
            thread.setDaemon(true);
            return thread;
          });
  /** What was found for a request that has gone is as good as new for this long. */
  private static final long FRESH_NS = 3_000_000_000L;

  private Future<SessionCopies.Found> latest;
  private long askedNs;

  /** Null while it is not known: one that takes longer than its request answers the next. */
  synchronized SessionCopies.Found check() {
    SessionCopies copies = SessionCopies.current();
    if (copies == null) return null;
    if (latest != null && latest.isDone() && System.nanoTime() - askedNs > FRESH_NS) latest = null;
    if (latest == null) {
      latest = worker.submit(copies::alone);
      askedNs = System.nanoTime();
    }
    try {
      SessionCopies.Found found = latest.get(ANSWER_MS, TimeUnit.MILLISECONDS);
      latest = null;
      return found;
    } catch (TimeoutException | InterruptedException late) {
      return null;
    } catch (ExecutionException error) {
      latest = null;
      return null;
    }
  }
}
