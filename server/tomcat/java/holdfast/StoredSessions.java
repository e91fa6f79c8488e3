package holdfast;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Pipeline;
import org.apache.catalina.Session;
import org.apache.catalina.Valve;
import org.redisson.api.RMap;
import org.redisson.api.RScript;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.client.codec.StringCodec;
import org.redisson.codec.CompositeCodec;
import org.redisson.tomcat.RedissonSessionManager;
import org.redisson.tomcat.SessionDestroyedMessage;

/** Redisson's manager, with sessions that know what their requests have read. */
public class StoredSessions extends RedissonSessionManager {
  private static final String AFTER_REQUEST = "afterRequest";
  private static final String USAGE_VALVE = "org.redisson.tomcat.UsageValve";
  /** How long a request waits for another one of its session at most. The other one waits for the store, whose answer comes within some 8 s or not at all. */
  static final long LOCK_MS = 5_000;
  private static final String KEY = "redisson:tomcat_session:";
  private static final String IS_VALID = "session:isValid";
  private static final String HAS_ENDED = "session:isExpirationLocked";
  /**
   * One use of a session, whose answer is the number of a Use. Redisson ends a session with the field isExpirationLocked, and keeps what is
   * left for a minute. What a request has set in a session without isValid, which is gone, gets a time to live.
   */
  private static final String USE =
      "if redis.call('hexists', KEYS[1], 'session:isValid') == 0 then redis.call('pexpire', KEYS[1], 60000) return 0 end "
          + "if redis.call('hget', KEYS[1], 'session:isExpirationLocked') == ARGV[1] then return 0 end "
          + "redis.call('hset', KEYS[1], 'session:lastAccessedTime', ARGV[2], 'session:thisAccessedTime', ARGV[3], 'session:isNew', ARGV[4]) "
          + "return 1 + redis.call('hexists', KEYS[1], 'session:principal')";
  /** Of a session that the store has. It stays for a minute. */
  private static final String END =
      "if redis.call('exists', KEYS[1]) == 1 then redis.call('hset', KEYS[1], 'session:isExpirationLocked', ARGV[1]) redis.call('pexpire', KEYS[1], 60000) end return 1";

  final Warnings warnings = new Warnings();
  final SilentStore store = new SilentStore();
  /** Each start has its own: a valve that was removed cannot be added again. */
  private RequestEndValve endValve;
  private RequestEndValve.Use useValve;
  private final NamedLocks loads = new NamedLocks(LOCK_MS);
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
    if (id != null && !sessions.containsKey(id)) {
      Session loaded = loads.within(id, () -> sessions.containsKey(id) ? null : found(id, false));
      if (loaded != null || !sessions.containsKey(id)) return loaded;
    }
    return found(id, true);
  }

  /** One that is in memory alone has ended on another server, or the store has lost it: to the application it ends here, too. */
  private Session found(String id, boolean wasHere) throws IOException {
    StoredSession session = store.ask(() -> wasHere || getMap(id).isExists() ? inStore(id) : null);
    if (session == null || !session.isGone()) return session;
    if (wasHere) session.expire();
    else superRemove(session);
    return null;
  }

  /** Redisson takes a store that does not answer for one without the session: its user would go on with another one. */
  private StoredSession inStore(String id) throws IOException {
    StoredSession session = (StoredSession) super.findSession(id);
    if (session != null) return session;
    Map<String, Object> left = getMap(id).getAll(Set.of(IS_VALID, HAS_ENDED));
    if (left.containsKey(IS_VALID) && !hasEnded(left)) throw new IllegalStateException("the session store has not answered in time");
    return null;
  }

  /** Redisson writes this when it ends a session, and at no other time. */
  static boolean hasEnded(Map<String, Object> stored) {
    return Boolean.TRUE.equals(stored.get(HAS_ENDED));
  }

  /** What the store has of a session. */
  enum Use {
    GONE,
    NOT_LOGGED_IN,
    LOGGED_IN
  }

  /** Notes in the store that a session is in use, if it is there, and has not ended. */
  Use noteUse(LoadedSession session) {
    Object[] values = {Boolean.TRUE, Long.valueOf(session.getLastAccessedTimeInternal()), Long.valueOf(session.getThisAccessedTimeInternal()), Boolean.FALSE};
    return Use.values()[inScript(USE, session.getIdInternal(), values)];
  }

  /** Notes in the store that a session has ended. */
  void noteEnd(String id) {
    inScript(END, id, Boolean.TRUE);
  }

  private int inScript(String script, String id, Object... values) {
    Long answer =
        getRedisson().getScript(getMap(id).getCodec()).eval(RScript.Mode.READ_WRITE, script, RScript.ReturnType.INTEGER, List.of(getTomcatSessionKeyName(id)), values);
    return answer.intValue();
  }

  /** Each application has sessions of its own, as in Tomcat's memory, though the cookie's path is below another's. */
  @Override
  public String getTomcatSessionKeyName(String sessionId) {
    String name = super.getTomcatSessionKeyName(sessionId);
    String path = getContext().getName();
    int own = name.length() - sessionId.length() - KEY.length();
    return path.isEmpty() ? name : name.substring(0, own) + path.replaceAll("[^A-Za-z0-9_-]", "_") + ":" + name.substring(own);
  }

  /** Tomcat 11 does so by itself. 10.1 ends a response that a filter has wrapped when it is forwarded: before the request has, and what it writes. */
  private static void endResponsesLast(Context context) {
    try {
      context.getClass().getMethod("setSuspendWrappedResponseAfterForward", boolean.class).invoke(context, Boolean.TRUE);
    } catch (ReflectiveOperationException | RuntimeException older) {
      // Tomcat 9 has no such setting.
    }
  }

  @Override
  protected void startInternal() throws LifecycleException {
    super.startInternal();
    endResponsesLast(getContext());
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
