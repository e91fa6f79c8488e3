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
  private static final ThreadLocal<RequestReads> CURRENT = new ThreadLocal<>();

  private final RequestReads outer = CURRENT.get();
  private final Set<StoredSession> begun = new LinkedHashSet<>();
  private final Set<ReadAttribute> read = new LinkedHashSet<>();

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

  void note(ReadAttribute attribute) {
    read.add(attribute);
  }

  List<ReadAttribute> of(StoredSession session) {
    List<ReadAttribute> own = new ArrayList<>();
    for (ReadAttribute each : read) if (each.session == session) own.add(each);
    return own;
  }

  /** Counts the request for a session that it came with, or has begun. */
  void beginFor(StoredSession session) {
    if (begun.add(session)) session.requestBegins();
  }

  void end() {
    try {
      endEach(begun.iterator());
    } finally {
      if (outer == null) CURRENT.remove();
      else CURRENT.set(outer);
    }
  }

  /** Each counts the end, whatever becomes of the others. */
  private void endEach(Iterator<StoredSession> left) {
    if (!left.hasNext()) return;
    StoredSession session = left.next();
    try {
      session.requestEnds(of(session));
    } finally {
      endEach(left);
    }
  }
}
