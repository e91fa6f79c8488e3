package holdfast;

import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** What an object is when it is serialized, as a SHA-256. The bytes are counted and not kept. */
final class WrittenForm {
  final long bytes;
  private final byte[] hash;

  /** A longer object is not compared: it would be serialized twice in each request that reads it. */
  static final int LONGEST_BYTES = 4 * 1024 * 1024;

  /** Another request can change the object while it is serialized here. */
  private static final int ATTEMPTS = 3;

  /** Classes whose objects nobody can change. Those of java.time and enums are not in the list. */
  private static final Set<Class<?>> FIXED =
      new HashSet<>(
          Arrays.asList(
              String.class, Integer.class, Long.class, Short.class, Byte.class, Character.class, Boolean.class, Double.class, Float.class,
              BigDecimal.class, BigInteger.class, UUID.class, Locale.class, URI.class, Class.class));

  /** Thrown for an object without such a form. */
  static final class Unwritable extends Exception {
    private static final long serialVersionUID = 1L;

    /** The class that cannot be serialized, and null for an object that is too long or that others go on changing. */
    final String type;

    Unwritable(String reason, String type) {
      super(reason, null, false, false);
      this.type = type;
    }
  }

  private WrittenForm(Counted counted) {
    bytes = counted.count;
    hash = counted.digest.digest();
  }

  boolean is(WrittenForm other) {
    return other != null && Arrays.equals(hash, other.hash);
  }

  boolean is(byte[] serialized) {
    return Arrays.equals(hash, sha256().digest(serialized));
  }

  static boolean isFixed(Object value) {
    return value instanceof Enum || FIXED.contains(value.getClass()) || value.getClass().getName().startsWith("java.time.");
  }

  static WrittenForm of(Object value) throws Unwritable {
    for (int attempt = 1; ; attempt++) {
      Counted bytes = new Counted();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(value);
        out.flush();
        // A writeObject of the application's own can have caught the exception.
        if (!bytes.isTooLong()) return new WrittenForm(bytes);
        throw tooLong();
      } catch (NotSerializableException error) {
        throw new Unwritable("it is not serializable", classIn(error.getMessage(), value));
      } catch (ConcurrentModificationException | ArrayIndexOutOfBoundsException changing) {
        if (attempt == ATTEMPTS) throw new Unwritable("other requests go on changing it", null);
      } catch (IOException | RuntimeException | Error error) {
        if (bytes.isTooLong()) throw tooLong();
        throw new Unwritable("serializing it fails with " + error.getClass().getName(), value.getClass().getName());
      }
    }
  }

  /** Does what serializes an object, as often as others change the object meanwhile, and three times at most. */
  static boolean again(BooleanSupplier write) {
    for (int attempt = 1; ; attempt++) {
      try {
        return write.getAsBoolean();
      } catch (RuntimeException error) {
        if (attempt == ATTEMPTS || !isOfChange(error)) throw error;
      }
    }
  }

  private static boolean isOfChange(Throwable error) {
    if (error == null || error instanceof ConcurrentModificationException || error instanceof ArrayIndexOutOfBoundsException) return error != null;
    return isOfChange(error.getCause());
  }

  /** The message is the class that is not serializable. A writeObject of the application's own may have written anything else into it. */
  private static String classIn(String message, Object value) {
    String own = value.getClass().getName();
    if (message == null) return own;
    try {
      // Without the number that a lambda's class has, which cannot be found by its name.
      String name = message.replaceAll("\\$\\$.*|/.*", "");
      return Class.forName(name, false, Thread.currentThread().getContextClassLoader()).getName();
    } catch (ClassNotFoundException | LinkageError noClass) {
      return own;
    }
  }

  private static Unwritable tooLong() {
    return new Unwritable("it is longer than " + LONGEST_BYTES + " bytes", null);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }

  private static final class Counted extends OutputStream {
    final MessageDigest digest = sha256();
    private long count;

    boolean isTooLong() {
      return count > LONGEST_BYTES;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      count += length;
      if (isTooLong()) throw new IOException("too long");
      digest.update(bytes, from, length);
    }
  }
}
