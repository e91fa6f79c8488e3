package holdfast;

import holdfast.ReadAttribute.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.redisson.api.RMap;
import org.redisson.client.RedisException;

/**
 * A session of Redisson's that writes at the end of a request what the request has changed in an object that it read: Redisson itself writes
 * what is set. An object is shared by the requests that have this session on this server at the same time.
 */
public class StoredSession extends LoadedSession {
  private static final long serialVersionUID = 1L;
  /** How often an attribute can be set by others while it is written. */
  private static final int MOST_SETS = 10;

  private final transient ConcurrentHashMap<String, ReadAttribute> reads = new ConcurrentHashMap<>();
  /** Of attributes that are read from the store. */
  private final transient NamedLocks names = new NamedLocks(StoredSessions.LOCK_MS);
  /** What the application has set or removed latest, since before it was written. */
  private final transient Map<String, Replacement> replacements = new ConcurrentHashMap<>();
  /** Held by one request's end at a time that writes, and by nothing that reads. */
  private final transient NamedLocks ends = new NamedLocks(StoredSessions.LOCK_MS);
  /** Requests that have this session now. */
  private int open;
  /** Asynchronous ones, whose first part has ended. */
  private int later;
  /** Whether what they read is compared with the store at their end. A session can begin in such a request. */
  private volatile boolean isSampled = UnwrittenSamples.MAIN.isDue();
  /** Whether two requests had it at once. They share objects, and one may be about to set what another finds changed: they are no sample. */
  private volatile boolean isShared;

  private static final class Replacement {
    /** Null for an attribute that was removed. */
    final Object value;

    Replacement(Object value) {
      this.value = value;
    }
  }

  StoredSession(StoredSessions sessions, StoredSessions.Modes modes) {
    super(sessions, modes);
  }

  @Override
  public Object getAttribute(String name) {
    if (!isNoted() || name == null || !hasRoom()) return super.getAttribute(name);
    while (true) {
      ReadAttribute known = reads.get(name);
      // Two requests that read an attribute for the first time get one object.
      Object value = names.within(name, () -> super.getAttribute(name));
      if (known != null && known.value == value) return noted(known);
      if (value == null || WrittenForm.isFixed(value)) {
        if (known != null) reads.remove(name, known);
        return value;
      }
      // Neither has it before its form is known. Taking the form can wait for a lock of the application's, whose holder may be about to read
      // this attribute: it holds none of ours.
      ReadAttribute own = new ReadAttribute(this, name, value);
      if (known == null ? reads.putIfAbsent(name, own) == null : reads.replace(name, known, own)) return noted(own);
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
    boolean isSame = set != null && set == before;
    WrittenForm inStore = isSame ? set.form() : null;
    if (isSame) set.noteForm();
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
        if (isSame) set.noteForm(inStore);
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
      else isShared = true;
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
    if (later == 0) replacements.clear();
    isSampled = false;
    isShared = false;
    super.endUsage();
    SetValues.forget(this, attributes, sessions.getContext());
  }

  /** Never fails: the request has been served. Returns whether the store has what was to be written. */
  private boolean finish(List<ReadAttribute> read, boolean isLater) {
    if (read.isEmpty() || !isValidInternal()) return true;
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // One that the application has left behind would end each wait for the store.
    boolean isInterrupted = Thread.interrupted();
    List<Change> changed = new ArrayList<>();
    try {
      thread.setContextClassLoader(sessions.getContext().getLoader().getClassLoader());
      addChanged(read, changed);
      if (!changed.isEmpty()) return ends.within("", () -> finishChanged(changed, isLater));
      if (isSampled && !isShared && !isLater) UnwrittenSamples.MAIN.note(changed);
      return true;
    } catch (RuntimeException | Error error) {
      return noteUnknown(changed, error);
    } finally {
      thread.setContextClassLoader(before);
      if (isInterrupted) thread.interrupt();
    }
  }

  private boolean finishChanged(List<Change> changed, boolean isLater) {
    if (sessions.writesChanges() && !write(changed, isLater)) return false;
    if (!isSampled || isShared || isLater) return true;
    try {
      UnwrittenSamples.MAIN.note(notInStore(changed));
    } catch (RuntimeException error) {
      sessions.warnings.eachMinute("session attributes could not be compared with the store: " + error.getClass().getName());
    }
    return true;
  }

  /** What has changed could not be written, or whether anything has is not known. */
  private boolean noteUnknown(List<Change> changed, Throwable error) {
    sessions.warnings.eachMinute("what a request has changed in session attributes is not written: " + error.getClass().getName());
    if (!sessions.writesChanges()) return true;
    for (int count = Math.max(1, changed.size()); count > 0; count--) UnwrittenSamples.MAIN.noteFailed();
    return false;
  }

  private void addChanged(List<ReadAttribute> read, List<Change> changed) {
    long left = RequestReads.MOST_BYTES;
    for (ReadAttribute each : read) {
      if (each.isReplaced) continue;
      if (left <= 0) {
        warnFull();
        return;
      }
      try {
        WrittenForm now = WrittenForm.of(each.value);
        if (!now.is(each.form())) changed.add(new Change(each, now));
        left -= now.bytes;
      } catch (WrittenForm.Unwritable error) {
        String type = error.type == null ? each.value.getClass().getName() : error.type;
        sessions.warnings.once("a session attribute is not written if it has changed: " + UnwrittenSamples.plain(type) + ", since " + error.getMessage());
        left -= WrittenForm.LONGEST_BYTES;
        // It had a form, so that something in it has changed.
        if (sessions.writesChanges() && each.form() != null) UnwrittenSamples.MAIN.noteFailed();
        if (error.type == null) continue;
        UnwrittenSamples.MAIN.noteUnserializable(type);
        // It is compared with the store all the same.
        changed.add(new Change(each, null));
      }
    }
  }

  /** Writes these attributes alone, and none that was set or removed meanwhile or whose session has ended. Returns whether the store answered. */
  private boolean write(List<Change> changed, boolean isLater) {
    RMap<String, Object> map = sessions.getMap(getIdInternal());
    boolean answers = true;
    boolean isAsked = false;
    boolean isThere = true;
    for (Change each : changed) {
      if (each.form == null || each.of.isReplaced) continue;
      try {
        // A write that the store does not answer in time can be done later, when the request has failed: so it is asked first.
        if (!isAsked) isThere = sessions.store.ask(map::isExists);
        isAsked = true;
        if (!answers) UnwrittenSamples.MAIN.noteFailed();
        else if (isThere) write(map, each, isLater);
        else noteGone(each.of);
      } catch (RuntimeException | LinkageError error) {
        // One that cannot be written leaves the others. A store that does not answer is not waited for again.
        answers = !(error instanceof RedisException);
        isAsked = true;
        UnwrittenSamples.MAIN.noteFailed();
        sessions.warnings.eachMinute("a changed session attribute is not written, " + UnwrittenSamples.describe(each.of) + ": " + error.getClass().getName());
      }
    }
    return answers;
  }

  private void write(RMap<String, Object> map, Change change, boolean isLater) {
    ReadAttribute each = change.of;
    Replacement before = replacements.get(each.name);
    // Another request that has the object may have come first.
    if (each.isReplaced || change.form.is(each.form())) return;
    if (isLater && !isInStoreAsRead(map, each)) {
      UnwrittenSamples.MAIN.noteFailed();
      sessions.warnings.eachMinute(
          "what an asynchronous request changed in a session attribute is not written, " + UnwrittenSamples.describe(each)
              + ": another request has changed it meanwhile");
      return;
    }
    // In one step: what another server removes meanwhile does not come back.
    if (!WrittenForm.again(() -> map.fastPutIfExists(each.name, each.value))) {
      if (!map.isExists()) noteGone(each);
      return;
    }
    each.noteForm(change.form);
    // What the application has set or removed while the old object was on its way.
    for (int sets = 0; sets < MOST_SETS; sets++) {
      Replacement now = replacements.get(each.name);
      if (now == before || now == null) return;
      if (now.value == null) map.fastRemove(each.name);
      else map.fastPutIfExists(each.name, now.value);
      before = now;
    }
  }

  private void noteGone(ReadAttribute each) {
    UnwrittenSamples.MAIN.noteFailed();
    sessions.warnings.eachMinute(
        "a changed session attribute is not written, " + UnwrittenSamples.describe(each) + ": its session has got another id meanwhile, or the store has lost it");
  }

  private boolean isInStoreAsRead(RMap<String, Object> map, ReadAttribute each) {
    byte[] stored = sessions.bytesOf(getIdInternal(), each.name);
    return stored != null && each.wasReadAs(stored, map.get(each.name));
  }

  /** Those of which the store has another form. An attribute that it does not have was removed by another request. */
  private List<Change> notInStore(List<Change> changed) {
    List<Change> found = new ArrayList<>();
    for (Change each : changed) {
      if (each.of.isReplaced) continue;
      byte[] stored = sessions.bytesOf(getIdInternal(), each.of.name);
      if (stored != null && !each.isWrittenAs(stored)) found.add(each);
    }
    return found;
  }
}
