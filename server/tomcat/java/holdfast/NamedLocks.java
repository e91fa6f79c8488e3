package holdfast;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** A lock for each name, for as long as somebody has it or waits for it. */
final class NamedLocks {
  private final ConcurrentHashMap<String, Counted> locks = new ConcurrentHashMap<>();
  private final long longestMs;

  private static final class Counted extends ReentrantLock {
    private static final long serialVersionUID = 1L;
    int users;
  }

  interface Work<T, E extends Exception> {
    T run() throws E;
  }

  /** @param longestMs how long somebody waits at most: then a request fails, since those after it would wait as well */
  NamedLocks(long longestMs) {
    this.longestMs = longestMs;
  }

  /** @throws IllegalStateException when others have the lock for too long */
  <T, E extends Exception> T within(String name, Work<T, E> work) throws E {
    Counted lock = locks.compute(name, (key, known) -> counted(known == null ? new Counted() : known, 1));
    boolean isHeld = false;
    try {
      isHeld = lock.tryLock(longestMs, TimeUnit.MILLISECONDS);
      if (!isHeld) throw new IllegalStateException("another request of this session has waited for the store, or has been serialized, for more than " + longestMs + " ms");
      return work.run();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted");
    } finally {
      if (isHeld) lock.unlock();
      locks.compute(name, (key, known) -> counted(known, -1));
    }
  }

  private static Counted counted(Counted lock, int more) {
    lock.users += more;
    return lock.users == 0 ? null : lock;
  }
}
