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

  /** An attribute that is another one now than in the store. */
  static final class Change {
    final ReadAttribute of;
    /** Null when it cannot be written. */
    final WrittenForm form;

    Change(ReadAttribute of, WrittenForm form) {
      this.of = of;
      this.form = form;
    }

    /** Whether these bytes are the object as it was then. */
    boolean isWrittenAs(byte[] bytes) {
      return form != null && form.is(bytes);
    }
  }

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

  /** How the store has the object. */
  WrittenForm form() {
    return form;
  }

  void noteForm(WrittenForm written) {
    form = written;
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
