package holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.redisson.api.RMap;
import org.redisson.tomcat.RedissonSession;

/**
 * A session of Redisson's that writes at the end of a request what the request has changed in an object that it read: Redisson itself writes
 * what is set. An object is shared by the requests that have this session on this server at the same time.
 */
public class StoredSession extends RedissonSession implements AtRequestEnd {
  private static final long serialVersionUID = 1L;

  private final transient StoredSessions sessions;
  private final transient Map<String, ReadAttribute> reads = new ConcurrentHashMap<>();
  private final transient Map<String, Object> names = new ConcurrentHashMap<>();
  /** Held by one request's end at a time, and by nothing that reads. */
  private final transient Object ends = new Object();
  /** Requests that have this session now. */
  private int open;
  /** Whether what they read is compared with the store at their end. A session can begin in such a request. */
  private volatile boolean isSampled = UnwrittenSamples.MAIN.isDue();

  StoredSession(StoredSessions sessions, StoredSessions.Modes modes) {
    super(sessions, modes.read, modes.update, sessions.isBroadcastSessionEvents(), sessions.isBroadcastSessionUpdates());
    this.sessions = sessions;
  }

  @Override
  public Object getAttribute(String name) {
    if (name == null || !isNoting()) return super.getAttribute(name);
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

  private boolean isNoting() {
    return isSampled || sessions.writesChanges();
  }

  @Override
  public void setAttribute(String name, Object value, boolean notify) {
    boolean isNoted = name != null && value != null && isNoting() && !WrittenForm.isFixed(value);
    // Its form is taken before it is written: what is changed meanwhile is then found at the end.
    ReadAttribute set = isNoted ? new ReadAttribute(this, name, value) : null;
    super.setAttribute(name, value, notify);
    if (name != null) replace(name, set);
    if (set != null) noted(set);
  }

  @Override
  protected void removeAttributeInternal(String name, boolean notify) {
    super.removeAttributeInternal(name, notify);
    if (name != null) replace(name, null);
  }

  private void replace(String name, ReadAttribute by) {
    ReadAttribute before = by == null ? reads.remove(name) : reads.put(name, by);
    if (before != null) before.isReplaced = true;
  }

  /** Does nothing: Redisson counts no end of a request that fails, and would answer with old objects from then on. The valve counts. */
  @Override
  public void startUsage() {}

  @Override
  public void endUsage() {}

  void requestBegins() {
    synchronized (reads) {
      // What was read outside of a request, such as by an error page, is not as the store has it any more.
      if (open == 0) forget();
      open += 1;
      isSampled |= UnwrittenSamples.MAIN.isDue();
    }
  }

  /** At an error page, behind the valve: what it has read counts for no request. */
  @Override
  public void requestEnds() {
    finish(List.copyOf(reads.values()), isSampled);
    synchronized (reads) {
      if (open == 0) forget();
    }
  }

  void requestEnds(List<ReadAttribute> read) {
    try {
      finish(read, isSampled);
    } finally {
      synchronized (reads) {
        open -= 1;
        if (open == 0) forget();
      }
    }
  }

  /** What is to be done when an asynchronous request ends, whose first part ends now: what it has read can be changed until then. */
  Runnable atLaterEnd(List<ReadAttribute> read) {
    return () -> finish(read, false);
  }

  private void forget() {
    reads.clear();
    names.clear();
    isSampled = false;
    super.endUsage();
  }

  /** Never fails: the request has been served. */
  private void finish(List<ReadAttribute> read, boolean sampled) {
    if (read.isEmpty() || !isValidInternal()) return;
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      thread.setContextClassLoader(sessions.getContext().getLoader().getClassLoader());
      // Two ends must not take one attribute's form at a time.
      synchronized (ends) {
        List<ReadAttribute> changed = new ArrayList<>();
        for (ReadAttribute each : read) if (!each.isReplaced && isChanged(each)) changed.add(each);
        if (!changed.isEmpty() && sessions.writesChanges()) write(changed);
        if (sampled) UnwrittenSamples.MAIN.note(notInStore(changed));
      }
    } catch (RuntimeException | LinkageError error) {
      sessions.warn("a changed session attribute is not written: " + error.getClass().getName());
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Whether it is to be written. What cannot be is compared with the store all the same. */
  private boolean isChanged(ReadAttribute read) {
    try {
      return read.isChanged();
    } catch (WrittenForm.Unwritable error) {
      String type = error.type == null ? read.value.getClass().getName() : error.type;
      sessions.warn("a session attribute is not written if it has changed: " + type + ", since " + error.getMessage());
      if (error.type != null) UnwrittenSamples.MAIN.noteUnserializable(type);
      return error.type != null;
    }
  }

  /** Writes these attributes alone, and none that was set or removed meanwhile or whose session has ended. */
  private void write(List<ReadAttribute> changed) {
    RMap<String, Object> map = sessions.getMap(getIdInternal());
    Set<String> stored = map.readAllKeySet();
    for (ReadAttribute each : changed) {
      if (!each.isWritable() || !stored.contains(each.name) || each.isReplaced) continue;
      map.putAll(Map.of(each.name, each.value));
      if (each.isReplaced) putBack(map, each.name);
      each.noteWritten();
    }
  }

  /** What the application has set while the old object was on its way. */
  private void putBack(RMap<String, Object> map, String name) {
    Object now = super.getAttribute(name);
    if (now == null) map.fastRemove(name);
    else map.putAll(Map.of(name, now));
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
