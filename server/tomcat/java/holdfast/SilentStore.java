package holdfast;

import java.util.concurrent.atomic.AtomicReference;
import org.redisson.client.RedisConnectionException;
import org.redisson.client.RedisException;
import org.redisson.client.RedisTimeoutException;

/**
 * Whether the store has left a command without an answer. Until it answers one, a single request asks it at a time and the others fail at once:
 * each of them would wait for some 8 s, and soon no thread would be left for those that need no session.
 */
final class SilentStore {
  private volatile boolean isSilent;
  /** The thread that asks while the store is silent. */
  private final AtomicReference<Thread> asking = new AtomicReference<>();

  static final class NotAsked extends RedisException {
    private static final long serialVersionUID = 1L;

    NotAsked() {
      super("the session store has not answered, and is asked by another request");
    }

    /** There can be thousands a second. */
    @Override
    public Throwable fillInStackTrace() {
      return this;
    }
  }

  /** Does what waits for an answer of the store. */
  <T, E extends Exception> T ask(NamedLocks.Work<T, E> work) throws E {
    return run(
        () -> {
          T answer = work.run();
          isSilent = false;
          return answer;
        });
  }

  /** Does what may need the store, and is no proof that it answers. */
  <T, E extends Exception> T run(NamedLocks.Work<T, E> work) throws E {
    Thread own = Thread.currentThread();
    boolean isFirst = isSilent && asking.compareAndSet(null, own);
    try {
      if (isSilent && asking.get() != own) throw new NotAsked();
      return work.run();
    } catch (RedisTimeoutException | RedisConnectionException silent) {
      isSilent = true;
      throw silent;
    } finally {
      if (isFirst) asking.set(null);
    }
  }
}
