package holdfast;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Requests of the main connector: in flight, since the start, answered with 5xx, and how long the latest answers took. */
final class RequestCounts {
  static final RequestCounts MAIN = new RequestCounts();

  /** How many answers the median is taken of; the Node example takes as many. */
  private static final int LATEST_ANSWERS = 50;

  final AtomicInteger inFlight = new AtomicInteger();
  final AtomicLong requests = new AtomicLong();
  final AtomicLong errors = new AtomicLong();
  private final long[] tookMs = new long[LATEST_ANSWERS];
  private int answers;

  synchronized void took(long milliseconds) {
    tookMs[answers % LATEST_ANSWERS] = milliseconds;
    answers += 1;
  }

  /** Median of the latest answers; null before the first. */
  synchronized Long latencyMs() {
    if (answers == 0) return null;
    long[] sorted = Arrays.copyOf(tookMs, Math.min(answers, LATEST_ANSWERS));
    Arrays.sort(sorted);
    return Long.valueOf(sorted[sorted.length / 2]);
  }
}
