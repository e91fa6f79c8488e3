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
  /** What was found for a request that has gone is as good as new for this long; of a comparison that took longer, for as long, up to the second. */
  private static final long FRESH_NS = 3_000_000_000L;
  private static final long LONGEST_FRESH_NS = 10_000_000_000L;

  /** A comparison that is done: a request each half second must not make one follow the other. */
  private static final class Done {
    final SessionCopies.Found found;
    final long tookNs;
    final long endedNs = System.nanoTime();

    Done(SessionCopies.Found found, long beganNs) {
      this.found = found;
      tookNs = endedNs - beganNs;
    }

    boolean isFresh() {
      return isYoungerThan(Math.max(FRESH_NS, Math.min(LONGEST_FRESH_NS, tookNs)));
    }

    boolean isYoungerThan(long ns) {
      return System.nanoTime() - endedNs < ns;
    }
  }

  private Future<Done> latest;
  private Done given;

  /** What a comparison has found; null while there is none: one that takes longer than its request answers the next request. */
  synchronized SessionCopies.Found check() {
    SessionCopies copies = SessionCopies.current();
    if (copies == null) return null;
    // What is missing is answered again for as long as its comparison took, so that at most half of the time is spent on comparisons. Each
    // answer that nothing is missing is of a new comparison.
    if (given != null && given.found.missing > 0 && given.isYoungerThan(given.tookNs)) return given.found;
    try {
      if (latest != null && latest.isDone() && !latest.get().isFresh()) latest = null;
      if (latest == null) {
        latest = worker.submit(() -> compare(copies));
      }
      given = latest.get(ANSWER_MS, TimeUnit.MILLISECONDS);
      latest = null;
      return given.found;
    } catch (TimeoutException | InterruptedException late) {
      return null;
    } catch (ExecutionException error) {
      latest = null;
      return null;
    }
  }

  private static Done compare(SessionCopies copies) throws InterruptedException {
    long beganNs = System.nanoTime();
    return new Done(copies.alone(), beganNs);
  }
}
