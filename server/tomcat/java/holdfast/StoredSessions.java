package holdfast;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Pipeline;
import org.apache.catalina.Session;
import org.apache.catalina.Valve;
import org.redisson.api.RMap;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.client.codec.StringCodec;
import org.redisson.codec.CompositeCodec;
import org.redisson.tomcat.RedissonSessionManager;
import org.redisson.tomcat.SessionDestroyedMessage;

/** Redisson's manager, with sessions that know what their requests have read. */
public class StoredSessions extends RedissonSessionManager {
  private static final String AFTER_REQUEST = "afterRequest";
  private static final String USAGE_VALVE = "org.redisson.tomcat.UsageValve";
  private static final int LOCKS = 64;
  /** About as long as the store has to answer. */
  private static final long LOAD_MS = 5_000;

  final Warnings warnings = new Warnings();
  /** Each start has its own: a valve that was removed cannot be added again. */
  private RequestEndValve endValve;
  private RequestEndValve.Use useValve;
  private final Lock[] loads = new Lock[LOCKS];
  private boolean writesChanges;

  public StoredSessions() {
    for (int at = 0; at < LOCKS; at++) loads[at] = new ReentrantLock();
  }

  /** How Redisson reads and writes. */
  static final class Modes {
    final ReadMode read;
    final UpdateMode update;

    Modes(ReadMode read, UpdateMode update) {
      this.read = read;
      this.update = update;
    }
  }

  /** `afterRequest`: what a request has changed in an object that it read is written at its end. */
  public void setSessionUpdates(String when) {
    writesChanges = AFTER_REQUEST.equals(when);
  }

  boolean writesChanges() {
    return writesChanges;
  }

  /** An attribute as it is in the store; null when it is not there. */
  byte[] bytesOf(String sessionId, String name) {
    CompositeCodec asBytes = new CompositeCodec(StringCodec.INSTANCE, ByteArrayCodec.INSTANCE, ByteArrayCodec.INSTANCE);
    RMap<String, byte[]> map = getRedisson().getMap(getTomcatSessionKeyName(sessionId), asBytes);
    return map.get(name);
  }

  @Override
  public Session createEmptySession() {
    StoredSession session = new StoredSession(this, new Modes(ReadMode.valueOf(getReadMode()), UpdateMode.valueOf(getUpdateMode())));
    // As Redisson's own: the other servers end their copies of a session that ends here.
    if (isBroadcastSessionEvents()) {
      session.addSessionListener(
          event -> {
            if (!Session.SESSION_DESTROYED_EVENT.equals(event.getType())) return;
            getTopic().publish(new SessionDestroyedMessage(getNodeId(), session.getIdInternal()));
          });
    }
    return session;
  }

  /** A session that a request is the first to ask for here is loaded once: two that come at once would change two objects of it. */
  @Override
  public Session findSession(String id) throws IOException {
    RequestReads current = RequestReads.current();
    if (current != null) current.hasAsked = true;
    if (id == null || sessions.containsKey(id)) return super.findSession(id);
    Lock lock = loads[Math.floorMod(id.hashCode(), LOCKS)];
    boolean isHeld = isHeldInTime(lock);
    try {
      return super.findSession(id);
    } catch (StoredSession.Ended ended) {
      return null;
    } finally {
      if (isHeld) lock.unlock();
    }
  }

  private static boolean isHeldInTime(Lock lock) {
    try {
      return lock.tryLock(LOAD_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  protected void startInternal() throws LifecycleException {
    super.startInternal();
    UnwrittenSamples.MAIN.use();
    Pipeline own = getContext().getPipeline();
    for (Valve each : own.getValves()) if (each.getClass().getName().equals(USAGE_VALVE)) own.removeValve(each);
    useValve = new RequestEndValve.Use();
    own.addValve(useValve);
    Pipeline host = getContext().getParent().getPipeline();
    endValve = new RequestEndValve(this);
    // Applications can start at the same time.
    synchronized (host) {
      host.addValve(endValve);
    }
  }

  @Override
  protected void stopInternal() throws LifecycleException {
    if (endValve != null) {
      Pipeline host = getContext().getParent().getPipeline();
      synchronized (host) {
        host.removeValve(endValve);
      }
      getContext().getPipeline().removeValve(useValve);
    }
    super.stopInternal();
    // They have the client that is shut down, and would be found here after a reload. The store has them.
    sessions.clear();
  }
}
