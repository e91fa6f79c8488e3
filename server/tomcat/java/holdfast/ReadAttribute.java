package holdfast;

import java.util.Arrays;

/** An attribute that a request has, with the form in which the store had it when the request got or set it. */
final class ReadAttribute {
  final StoredSession session;
  final String name;
  final Object value;

  /** Whether the application has set or removed the attribute since: then this object is not the attribute's any more. */
  volatile boolean isReplaced;

  /** Null when it is not known. */
  private byte[] form;

  private byte[] latest;

  ReadAttribute(StoredSession session, String name, Object value) {
    this.session = session;
    this.name = name;
    this.value = value;
    try {
      form = WrittenForm.of(value);
    } catch (WrittenForm.Unwritable unknown) {
      // It may be changed until the request ends, and is tried once more then.
      if (unknown.type != null) UnwrittenSamples.MAIN.noteUnserializable(unknown.type);
    }
  }

  /** Whether the object is another than the one in the store. */
  boolean isChanged() throws WrittenForm.Unwritable {
    latest = null;
    latest = WrittenForm.of(value);
    return !Arrays.equals(form, latest);
  }

  /** Whether it could be serialized when `isChanged` was called. */
  boolean isWritable() {
    return latest != null;
  }

  /** Notes that the store has the object as it was then. */
  void noteWritten() {
    form = latest;
  }

  /** Whether these bytes are the object as it was then. */
  boolean isWrittenAs(byte[] bytes) {
    return latest != null && Arrays.equals(latest, SessionDigest.sha256().digest(bytes));
  }
}
