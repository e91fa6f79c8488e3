package holdfast;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Session;
import org.redisson.api.RMap;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.client.codec.StringCodec;
import org.redisson.codec.CompositeCodec;
import org.redisson.tomcat.RedissonSessionManager;
import org.redisson.tomcat.SessionDestroyedMessage;

/** Redisson's manager, with sessions that know what their requests have read. */
public class StoredSessions extends RedissonSessionManager {
  private static final Logger LOG = Logger.getLogger("holdfast");
  private static final String AFTER_REQUEST = "afterRequest";
  /** Sentences are about classes, of which an application has few. */
  private static final int MOST_WARNINGS = 50;

  private final RequestEndValve valve = new RequestEndValve();
  private final Set<String> warnings = ConcurrentHashMap.newKeySet();
  private boolean writesChanges;

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

  /** Logs a sentence once. */
  void warn(String sentence) {
    if (warnings.size() < MOST_WARNINGS && warnings.add(sentence)) LOG.log(Level.WARNING, sentence + ".");
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

  /** Begun within a request, a session counts it: another request may come with the session's cookie before this one has ended. */
  @Override
  public Session createSession(String sessionId) {
    Session session = super.createSession(sessionId);
    RequestReads current = RequestReads.current();
    if (current != null && session instanceof StoredSession) current.beginFor((StoredSession) session);
    return session;
  }

  @Override
  protected void startInternal() throws LifecycleException {
    super.startInternal();
    UnwrittenSamples.MAIN.use();
    // Behind Redisson's own valves: what is changed is written before they forget what was read.
    getContext().getPipeline().addValve(valve);
  }

  @Override
  protected void stopInternal() throws LifecycleException {
    getContext().getPipeline().removeValve(valve);
    super.stopInternal();
  }
}
