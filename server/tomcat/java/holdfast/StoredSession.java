package holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.redisson.api.RMap;
import org.redisson.client.RedisException;
import org.redisson.tomcat.RedissonSession;

/**
 * A session of Redisson's that writes at the end of a request what the request has changed in an object that it read: Redisson itself writes
 * what is set. An object is shared by the requests that have this session on this server at the same time.
 */
public class StoredSession extends RedissonSession {
  private static final long serialVersionUID = 1L;
  /** How often an attribute can be set by others while it is written. */
  private static final int MOST_SETS = 10;

  private final transient StoredSessions sessions;
  private final transient Map<String, ReadAttribute> reads = new ConcurrentHashMap<>();
  private final transient Map<String, Object> names = new ConcurrentHashMap<>();
  /** What the application has set or removed latest, since before it was written. */
  private final transient Map<String, Replacement> replacements = new ConcurrentHashMap<>();
  /** Held by one request's end at a time, and by nothing that reads. */
  private final transient Object ends = new Object();
  /** Requests that have this session now. */
  private int open;
  /** Asynchronous ones, whose first part has ended. */
  private int later;
  /** Whether what they read is compared with the store at their end. A session can begin in such a request. */
  private volatile boolean isSampled = UnwrittenSamples.MAIN.isDue();

  private static final class Replacement {
    /** Null for an attribute that was removed. */
    final Object value;

    Replacement(Object value) {
      this.value = value;
    }
  }

  StoredSession(StoredSessions sessions, StoredSessions.Modes modes) {
    super(sessions, modes.read, modes.update, sessions.isBroadcastSessionEvents(), sessions.isBroadcastSessionUpdates());
    this.sessions = sessions;
  }

  /** What the store has of a session that has ended is kept for a minute, for servers that have not heard of the end yet. */
  static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Ended() {
      super(null, null, false, false);
    }
  }

  @Override
  public void load(Map<String, Object> stored) {
    // Redisson writes this when it ends a session, and at no other time.
    if (Boolean.TRUE.equals(stored.get("session:isExpirationLocked"))) throw new Ended();
    super.load(stored);
  }

  @Override
  public Object getAttribute(String name) {
    if (!isNoted() || name == null || !hasRoom()) return super.getAttribute(name);
    ReadAttribute known = reads.get(name);
    if (known != null) {
      Object value = super.getAttribute(name);
      if (value == known.value) return noted(known);
    }
    // Two requests that read an attribute for the first time get one object, and neither has it before its form is known. The lock is of
    // this name alone: taking a form can wait for a lock of the application, whose holder may be about to read another attribute.
    synchronized (names.computeIfAbsent(name, each -> new Object())) {
      Object value = super.getAttribute(name);
      known = reads.get(name);
      if (value == null || WrittenForm.isFixed(value)) {
        reads.remove(name);
        return value;
      }
      if (known == null || known.value != value) {
        known = new ReadAttribute(this, name, value);
        reads.put(name, known);
      }
      return noted(known);
    }
  }

  private static Object noted(ReadAttribute attribute) {
    RequestReads current = RequestReads.current();
    if (current != null) current.note(attribute);
    return attribute.value;
  }

  /** Counts the request, if there is one, and answers whether what is read and set now is compared at its end. */
  private boolean isNoted() {
    RequestReads current = RequestReads.current();
    if (current != null) current.beginFor(this);
    return isSampled || sessions.writesChanges();
  }

  private boolean hasRoom() {
    RequestReads current = RequestReads.current();
    if (current == null || current.hasRoom()) return true;
    warnFull();
    return false;
  }

  private void warnFull() {
    if (sessions.writesChanges()) sessions.warnings.once(RequestReads.FULL);
  }

  @Override
  public void setAttribute(String name, Object value, boolean notify) {
    if (!isNoted() || name == null || value == null) super.setAttribute(name, value, notify);
    else replace(name, value, () -> super.setAttribute(name, value, notify));
  }

  @Override
  protected void removeAttributeInternal(String name, boolean notify) {
    if (!isNoted() || name == null) super.removeAttributeInternal(name, notify);
    else replace(name, null, () -> super.removeAttributeInternal(name, notify));
  }

  /** The end of another request may be writing the object of before: it finds what it has to put back, whenever it looks. */
  private void replace(String name, Object value, Runnable write) {
    ReadAttribute before = reads.get(name);
    boolean isOther = before != null && before.value != value;
    // The form is taken before it is written: what is changed meanwhile is then found at the end.
    boolean isCompared = value != null && !WrittenForm.isFixed(value) && hasRoom();
    ReadAttribute set = !isCompared ? null : before == null || isOther ? new ReadAttribute(this, name, value) : before;
    if (set != null && set == before) set.noteForm();
    if (isOther) before.isReplaced = true;
    Replacement by = new Replacement(value);
    Replacement earlier = replacements.put(name, by);
    boolean isDone = false;
    try {
      write.run();
      isDone = true;
    } finally {
      if (!isDone) {
        if (isOther) before.isReplaced = false;
        if (earlier == null) replacements.remove(name, by);
        else replacements.replace(name, by, earlier);
      }
    }
    ReadAttribute meanwhile = set == null ? reads.remove(name) : reads.put(name, set);
    if (meanwhile != null && meanwhile.value != value) meanwhile.isReplaced = true;
    if (set != null) noted(set);
  }

  /** Does nothing: Redisson counts no end of a request that fails, and would answer with old objects from then on. The valve counts. */
  @Override
  public void startUsage() {}

  @Override
  public void endUsage() {}

  void requestBegins() {
    synchronized (reads) {
      // What was read before, outside of a request, is not as the store has it any more.
      if (open == 0) forget();
      open += 1;
      isSampled |= UnwrittenSamples.MAIN.isDue();
    }
  }

  /** Returns whether the store has what was to be written. */
  boolean requestEnds(List<ReadAttribute> read) {
    try {
      return finish(read, false);
    } finally {
      synchronized (reads) {
        open -= 1;
        if (open == 0) forget();
      }
    }
  }

  /** What is to be done when an asynchronous request ends. By then other requests may have read the attributes anew, and changed them. */
  Runnable atLaterEnd(List<ReadAttribute> read) {
    synchronized (reads) {
      later += 1;
    }
    return () -> {
      try {
        finish(read, true);
      } finally {
        synchronized (reads) {
          later -= 1;
        }
      }
    };
  }

  private void forget() {
    reads.clear();
    names.clear();
    if (later == 0) replacements.clear();
    isSampled = false;
    super.endUsage();
    SetValues.forget(this, attributes, sessions.getContext());
  }

  /** Never fails: the request has been served. */
  private boolean finish(List<ReadAttribute> read, boolean isLater) {
    if (read.isEmpty() || !isValidInternal()) return true;
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    List<ReadAttribute> changed = new ArrayList<>();
    boolean isWritten = true;
    try {
      thread.setContextClassLoader(sessions.getContext().getLoader().getClassLoader());
      // Two ends must not take one attribute's form at a time.
      synchronized (ends) {
        addChanged(read, changed);
        if (!changed.isEmpty() && sessions.writesChanges()) isWritten = write(changed, isLater);
        if (isSampled && !isLater) UnwrittenSamples.MAIN.note(notInStore(changed));
      }
    } catch (RuntimeException | LinkageError error) {
      sessions.warnings.eachMinute("session attributes could not be compared with the store: " + error.getClass().getName());
    } finally {
      thread.setContextClassLoader(before);
    }
    return isWritten;
  }

  private void addChanged(List<ReadAttribute> read, List<ReadAttribute> changed) {
    long left = RequestReads.MOST_BYTES;
    for (ReadAttribute each : read) {
      if (each.isReplaced) continue;
      if (left <= 0) {
        warnFull();
        return;
      }
      if (isChanged(each)) changed.add(each);
      left -= each.latestBytes();
    }
  }

  /** Whether it is to be written. What cannot be is compared with the store all the same. */
  private boolean isChanged(ReadAttribute read) {
    try {
      return read.isChanged();
    } catch (WrittenForm.Unwritable error) {
      String type = error.type == null ? read.value.getClass().getName() : error.type;
      sessions.warnings.once("a session attribute is not written if it has changed: " + UnwrittenSamples.plain(type) + ", since " + error.getMessage());
      if (error.type != null) UnwrittenSamples.MAIN.noteUnserializable(type);
      return error.type != null;
    }
  }

  /** Writes these attributes alone, and none that was set or removed meanwhile or whose session has ended. Returns whether the store answered. */
  private boolean write(List<ReadAttribute> changed, boolean isLater) {
    RMap<String, Object> map = sessions.getMap(getIdInternal());
    Set<String> stored = null;
    boolean answers = true;
    for (ReadAttribute each : changed) {
      if (!each.isWritable()) continue;
      try {
        if (answers && stored == null) stored = map.readAllKeySet();
        if (answers && stored.contains(each.name)) write(map, each, isLater);
        if (!answers) UnwrittenSamples.MAIN.noteFailed();
      } catch (RuntimeException | LinkageError error) {
        // One that cannot be written leaves the others. A store that does not answer is not waited for again.
        answers = !(error instanceof RedisException);
        UnwrittenSamples.MAIN.noteFailed();
        sessions.warnings.eachMinute("a changed session attribute is not written, " + UnwrittenSamples.describe(each) + ": " + error.getClass().getName());
      }
    }
    return answers;
  }

  private void write(RMap<String, Object> map, ReadAttribute each, boolean isLater) {
    Replacement before = replacements.get(each.name);
    if (each.isReplaced) return;
    if (isLater && !isInStoreAsRead(map, each)) {
      UnwrittenSamples.MAIN.noteFailed();
      sessions.warnings.eachMinute(
          "what an asynchronous request changed in a session attribute is not written, " + UnwrittenSamples.describe(each)
              + ": another request has changed it meanwhile");
      return;
    }
    map.putAll(Map.of(each.name, each.value));
    each.noteWritten();
    // What the application has set or removed while the old object was on its way.
    for (int sets = 0; sets < MOST_SETS; sets++) {
      Replacement now = replacements.get(each.name);
      if (now == before || now == null) return;
      if (now.value == null) map.fastRemove(each.name);
      else map.putAll(Map.of(each.name, now.value));
      before = now;
    }
  }

  private boolean isInStoreAsRead(RMap<String, Object> map, ReadAttribute each) {
    byte[] stored = sessions.bytesOf(getIdInternal(), each.name);
    return stored != null && each.wasReadAs(stored, map.get(each.name));
  }

  /** Those of which the store has another form. An attribute that it does not have was removed by another request. */
  private List<ReadAttribute> notInStore(List<ReadAttribute> changed) {
    List<ReadAttribute> found = new ArrayList<>();
    for (ReadAttribute each : changed) {
      byte[] stored = sessions.bytesOf(getIdInternal(), each.name);
      if (stored != null && !each.isWrittenAs(stored)) found.add(each);
    }
    return found;
  }
}
