package holdfast;

import java.security.Principal;
import java.util.Map;
import java.util.Set;
import org.redisson.tomcat.RedissonSession;

/** A session of Redisson's that is read without writing, and that knows with each use whether the store still has it, and who is logged in. */
class LoadedSession extends RedissonSession implements KnownHere {
  private static final long serialVersionUID = 1L;
  private static final String PRINCIPAL = "session:principal";
  private static final String AUTH_TYPE = "session:authtype";

  final transient StoredSessions sessions;
  private volatile boolean isStored = true;
  private final transient Object renames = new Object();
  /** Between what Redisson reads of a session that is not in memory, and its id. */
  private boolean isLoading;
  /** Had ended when it was read: it never comes into memory. */
  private boolean hadEnded;

  /** What the store has of a session that has ended is kept for a minute, for servers that have not heard of the end yet. */
  private static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Ended() {
      super(null, null, false, false);
    }
  }

  LoadedSession(StoredSessions sessions, StoredSessions.Modes modes) {
    super(sessions, modes.read, modes.update, sessions.isBroadcastSessionEvents(), sessions.isBroadcastSessionUpdates());
    this.sessions = sessions;
  }

  @Override
  public void load(Map<String, Object> stored) {
    isLoading = getIdInternal() == null;
    boolean hasEnded = StoredSessions.hasEnded(stored);
    if (hasEnded && !isLoading) throw new Ended();
    hadEnded = hasEnded;
    super.load(stored);
  }

  /** One that was read is not written: others may have changed it meanwhile. Redisson writes one that has no id yet. */
  @Override
  public void setId(String id, boolean notify) {
    synchronized (renames) {
      if (isLoading) this.id = id;
      isLoading = false;
      if (!hadEnded) super.setId(id, notify);
    }
  }

  /** Notes that the session is in use, as Redisson does, if the store has it: without that, one that has gone would come back in part. */
  @Override
  public void endAccess() {
    superEndAccess();
    isStored = !hadEnded && (getIdInternal() == null || sessions.store.ask(this::noteUse));
  }

  private Boolean noteUse() {
    StoredSessions.Use use = sessions.noteUse(this);
    if (use == StoredSessions.Use.GONE) return Boolean.FALSE;
    notePrincipal(use == StoredSessions.Use.LOGGED_IN);
    expireSession();
    return Boolean.TRUE;
  }

  /** The user may have logged in or out on another server, or is just doing so here: then the next use finds it. */
  private void notePrincipal(boolean isLoggedIn) {
    if (isLoggedIn == (principal != null)) return;
    Map<String, Object> stored = isLoggedIn ? sessions.getMap(getIdInternal()).getAll(Set.of(PRINCIPAL, AUTH_TYPE)) : Map.of();
    authType = (String) stored.get(AUTH_TYPE);
    principal = (Principal) stored.get(PRINCIPAL);
  }

  /** Whether the store did not have the session at its latest use, or it had ended there. Under its old id, one that gets another has gone too. */
  boolean isGone() {
    if (isStored) return false;
    synchronized (renames) {
      endAccess();
    }
    return !isStored;
  }

  /** The manager has noted the use that begins, when it found the session. */
  @Override
  public void access() {
    superAccess();
  }

  /** Is written with each use. */
  @Override
  public void setNew(boolean value) {
    isNew = value;
  }

  @Override
  public boolean isValid() {
    try {
      return super.isValid();
    } catch (Ended elsewhere) {
      isStored = false;
      // What was read can be what others have left under the old id, while this one is getting another.
      if (!isGone()) return true;
      expire();
      return false;
    }
  }

  @Override
  public boolean isValidHere() {
    return isValidInternal() && !SessionsInMemory.hasTimedOut(this);
  }

  /** The application's listeners on this server have not been told of one that never came into memory. */
  @Override
  public void expire() {
    if (!hadEnded) super.expire();
  }

  /** The store has the end before anything else of it: a store that fails in the middle leaves none that others would go on with. */
  @Override
  public void delete() {
    sessions.store.ask(
        () -> {
          sessions.noteEnd(getIdInternal());
          super.delete();
          return null;
        });
  }

  @Override
  public Object getAttribute(String name) {
    return sessions.store.run(() -> super.getAttribute(name));
  }

  @Override
  public void setAttribute(String name, Object value, boolean notify) {
    sessions.store.run(
        () -> {
          super.setAttribute(name, value, notify);
          return null;
        });
  }

  @Override
  protected void removeAttributeInternal(String name, boolean notify) {
    sessions.store.run(
        () -> {
          super.removeAttributeInternal(name, notify);
          return null;
        });
  }
}
