package holdfast;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Writes objects so that equal ones have the same bytes on each server. Each Java process has an order of its own for tables of enums, and of
 * objects without hashCode: these are written as the sorted digests of what is in them.
 */
final class InOneOrder {
  /** Classes of tables without a fixed order. Objects of their subclasses are not sorted: they can hold more than their entries. */
  private static final Set<String> TABLES =
      new HashSet<>(Arrays.asList("java.util.HashMap", "java.util.HashSet", "java.util.Hashtable", "java.util.concurrent.ConcurrentHashMap"));

  private static final String BY_IDENTITY = "java.util.IdentityHashMap";
  /** The class of the objects that Java writes in the place of those that Set.of, Map.of and List.of return. */
  private static final String IMMUTABLE = "java.util.CollSer";

  /** Classes whose hash is the same in each process: a table with such keys is in the same order everywhere, once it was written and read. */
  private static final Set<Class<?>> STEADY =
      new HashSet<>(
          Arrays.asList(
              String.class, Integer.class, Long.class, Short.class, Byte.class, Character.class, Boolean.class, Double.class, Float.class,
              UUID.class, Date.class, BigDecimal.class, BigInteger.class));

  private static final int DEEPEST = 64;
  private static final int LEAST_BUDGET = 256 * 1024;
  private static final int TIMES = 10;

  /** Thrown when the budget is spent: tables that lead to each other would be written again and again. */
  private static final class TooMuch extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private final ClassLoader classes;
  /** The tables that are being written. */
  private final Map<Object, Boolean> open = new IdentityHashMap<>();
  private long left;
  private int depth;

  private InOneOrder(ClassLoader classes, long budget) {
    this.classes = classes;
    left = budget;
  }

  /**
   * Writes a value with its tables sorted. Where many tables lead to each other, the result is what Java itself writes, with the tables in the
   * order that they have in this process: then equal values have equal bytes only where that order is the same.
   *
   * @param length how many bytes Java needs for it
   */
  static byte[] written(Object value, int length, ClassLoader classes) throws IOException {
    try {
      return new InOneOrder(classes, LEAST_BUDGET + (long) TIMES * length).bytes(value);
    } catch (TooMuch tables) {
      return SessionDigest.written(value);
    }
  }

  private byte[] bytes(Object value) throws IOException {
    if (depth == DEEPEST) throw new TooMuch();
    depth += 1;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new Writer(bytes)) {
      out.writeObject(value);
    } finally {
      depth -= 1;
    }
    spend(bytes.size());
    return bytes.toByteArray();
  }

  private void spend(int bytes) throws TooMuch {
    left -= bytes;
    if (left < 0) throw new TooMuch();
  }

  private final class Writer extends ObjectOutputStream {
    Writer(ByteArrayOutputStream bytes) throws IOException {
      super(bytes);
      enableReplaceObject(true);
    }

    @Override
    protected Object replaceObject(Object value) throws IOException {
      String type = value.getClass().getName();
      if (type.equals(IMMUTABLE)) return immutable(value);
      return type.equals(BY_IDENTITY) || (TABLES.contains(type) && !isSteady(value)) ? sorted(value) : value;
    }
  }

  private static boolean isSteady(Object table) {
    for (Object key : table instanceof Map ? ((Map<?, ?>) table).keySet() : (Collection<?>) table) {
      if (key != null && !STEADY.contains(key.getClass())) return false;
    }
    return true;
  }

  /**
   * The object that Java writes for such a collection shows none of its elements, so it is written and read back as the collection. A list
   * has an order of its own, and is left as it is.
   */
  private Object immutable(Object written) throws IOException {
    byte[] plain = SessionDigest.written(written);
    spend(plain.length);
    Object value;
    try {
      value = SessionDigest.read(plain, classes);
    } catch (ClassNotFoundException unreadable) {
      throw new IOException(unreadable);
    }
    return value instanceof List || isSteady(value) ? written : sorted(value);
  }

  private String sorted(Object table) throws IOException {
    // The table is among those that are being written, so what is in it leads back to it.
    if (open.put(table, Boolean.TRUE) != null) return "holdfast: again";
    try {
      List<String> parts = new ArrayList<>();
      if (table instanceof Map) {
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) table).entrySet()) parts.add(digest(entry.getKey()) + digest(entry.getValue()));
      } else {
        for (Object each : (Collection<?>) table) parts.add(digest(each));
      }
      Collections.sort(parts);
      return table.getClass().getName() + parts;
    } finally {
      open.remove(table);
    }
  }

  private String digest(Object value) throws IOException {
    return SessionDigest.hex(SessionDigest.sha256().digest(isPlain(value) ? plain(value) : bytes(value)));
  }

  private static boolean isPlain(Object value) {
    return value instanceof String || value instanceof Enum;
  }

  private static byte[] plain(Object value) {
    String text = value instanceof Enum ? ((Enum<?>) value).getDeclaringClass().getName() + "." + ((Enum<?>) value).name() : "=" + value;
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
