package holdfast;

/** An attribute that a request has, with the form in which the store had it when the request got or set it. */
final class ReadAttribute {
  final StoredSession session;
  final String name;
  final Object value;

  /** Whether the application has set or removed the attribute since: then this object is not the attribute's any more. */
  volatile boolean isReplaced;

  /** Null when it is not known. */
  private volatile WrittenForm form;

  private WrittenForm latest;

  ReadAttribute(StoredSession session, String name, Object value) {
    this.session = session;
    this.name = name;
    this.value = value;
    noteForm();
  }

  /** Notes the object as it is now, which is how the store has it or gets it. */
  void noteForm() {
    try {
      form = WrittenForm.of(value);
    } catch (WrittenForm.Unwritable unknown) {
      form = null;
      // It may be changed until the request ends, and is tried once more then.
      if (unknown.type != null) UnwrittenSamples.MAIN.noteUnserializable(unknown.type);
    }
  }

  /** How long it was when the request got it; 0 when that is not known. */
  long bytes() {
    WrittenForm known = form;
    return known == null ? 0 : known.bytes;
  }

  /** Whether the object is another than the one in the store. */
  boolean isChanged() throws WrittenForm.Unwritable {
    latest = null;
    latest = WrittenForm.of(value);
    return !latest.is(form);
  }

  /** How long it was when `isChanged` was called. */
  long latestBytes() {
    return latest == null ? WrittenForm.LONGEST_BYTES : latest.bytes;
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
    return latest != null && latest.is(bytes);
  }

  /** Whether these bytes, or the object that they are read as, are what the request got. */
  boolean wasReadAs(byte[] bytes, Object read) {
    try {
      return form != null && (form.is(bytes) || WrittenForm.of(read).is(form));
    } catch (WrittenForm.Unwritable unknown) {
      return false;
    }
  }
}
