package holdfast;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one request has read of its sessions, and which sessions count it. Another request's objects are not touched at its end: they may be
 * half changed.
 */
final class RequestReads {
  /** Each is serialized twice, at its first read and at the end. */
  static final long MOST_BYTES = 16L * 1024 * 1024;
  static final int MOST_ATTRIBUTES = 200;

  /** Logged when a request reads more. */
  static final String FULL =
      "a request has read more than " + MOST_ATTRIBUTES + " session attributes or " + MOST_BYTES
          + " bytes of them: what it changes in those beyond is written by setAttribute alone";

  private static final ThreadLocal<RequestReads> CURRENT = new ThreadLocal<>();

  private final RequestReads outer = CURRENT.get();
  private final Set<StoredSession> begun = new LinkedHashSet<>();
  private final Set<ReadAttribute> read = new LinkedHashSet<>();
  private long bytes;
  /** Whether a session was asked for. */
  boolean hasAsked;

  private RequestReads() {}

  /** Of this thread's request. A forward or an include within it has those of the request. */
  static RequestReads begin() {
    RequestReads reads = new RequestReads();
    CURRENT.set(reads);
    return reads;
  }

  /** Null outside of a request. */
  static RequestReads current() {
    return CURRENT.get();
  }

  /** Whether one more attribute is compared at this request's end. */
  boolean hasRoom() {
    return read.size() < MOST_ATTRIBUTES && bytes < MOST_BYTES;
  }

  void note(ReadAttribute attribute) {
    if (read.add(attribute)) bytes += attribute.bytes();
  }

  private List<ReadAttribute> of(StoredSession session) {
    List<ReadAttribute> own = new ArrayList<>();
    for (ReadAttribute each : read) if (each.session == session) own.add(each);
    return own;
  }

  /** Counts the request for a session whose attributes it is about to read or to set. */
  void beginFor(StoredSession session) {
    if (begun.add(session)) session.requestBegins();
  }

  /** What is to be done when an asynchronous request ends, whose first part ends now: what it has read can be changed until then. */
  Runnable atLaterEnd() {
    List<Runnable> ends = new ArrayList<>();
    for (StoredSession session : begun) ends.add(session.atLaterEnd(of(session)));
    return () -> ends.forEach(Runnable::run);
  }

  /** Returns whether the store has all that the request changed, as far as it can be written. */
  boolean end() {
    try {
      return endEach(new ArrayList<>(begun).iterator());
    } finally {
      if (outer == null) CURRENT.remove();
      else CURRENT.set(outer);
    }
  }

  /** Each counts the end, whatever becomes of the others. */
  private boolean endEach(Iterator<StoredSession> left) {
    if (!left.hasNext()) return true;
    StoredSession session = left.next();
    boolean isWritten = false;
    try {
      isWritten = session.requestEnds(of(session));
    } finally {
      isWritten &= endEach(left);
    }
    return isWritten;
  }
}
