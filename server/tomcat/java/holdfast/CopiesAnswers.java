package holdfast;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Answers what other members ask of this server's sessions, a page at a time, on one thread of its own: the thread that receives the
 * messages of the cluster must not wait for it. Of each member one question is worked on; it asks again until the answer is there.
 */
final class CopiesAnswers {
  static final String DONE = "done";
  static final String WORKING = "working";
  /** The question is not known: another one of this member is worked on, or its answer was taken. It has to be asked in full. */
  static final String BUSY = "busy";

  private static final class Asked {
    final Object id;
    final Future<Map<String, String>> work;

    Asked(Object id, Future<Map<String, String>> work) {
      this.id = id;
      this.work = work;
    }
  }

  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "holdfast-copies-answers");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, Asked> byMember = new HashMap<>();

  /**
   * @param question its id; and, in full, the sessions that are asked for, or null and the one that the page begins behind
   * @param member one of the configured ones, so that there are few entries
   */
  synchronized Object[] reply(Object[] question, String member) {
    Object id = question[0];
    Asked asked = byMember.get(member);
    boolean isFull = question.length == 3;
    if (isFull && (asked == null || (!asked.id.equals(id) && asked.work.isDone()))) {
      String[] keys = (String[]) question[1];
      String last = (String) question[2];
      asked = new Asked(id, worker.submit(() -> page(keys, last)));
      byMember.put(member, asked);
    }
    if (asked == null || !asked.id.equals(id)) return new Object[] {BUSY};
    if (!asked.work.isDone()) return new Object[] {WORKING};
    byMember.remove(member);
    try {
      return new Object[] {DONE, asked.work.get(), Long.valueOf(CopiedSessions.failedUpdates()), CopiedSessions.latestFailure()};
    } catch (ExecutionException | InterruptedException failed) {
      return new Object[] {BUSY};
    }
  }

  private static Map<String, String> page(String[] keys, String last) {
    Collection<String> asked = keys == null ? OwnSessions.pageAfter(last) : Arrays.asList(keys).subList(0, Math.min(keys.length, OwnSessions.PAGE));
    Map<String, String> found = OwnSessions.digests(asked);
    // The asking side goes on behind the last of a page, also when that one has ended meanwhile.
    if (keys == null) for (String key : asked) found.putIfAbsent(key, "");
    return found;
  }
}
