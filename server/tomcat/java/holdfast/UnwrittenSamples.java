package holdfast;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * In how many requests of a sample a session attribute was another at the end than the one in the store. Names and classes are the
 * program's; no value is kept, and no session.
 */
final class UnwrittenSamples {
  static final UnwrittenSamples MAIN = new UnwrittenSamples();

  /** Of all requests that read such an attribute; of the first ones each, so that a deploy's bake has some to judge. */
  private static final int ONE_IN = 100;
  private static final int FIRST = 50;
  private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);

  private static final int MOST_NAMES = 10;
  private static final int LONGEST_NAME = 100;
  /**
   * What could be a person's is left out: a program's name is one word with two digits at most, below a package or not. `ann.lee` and
   * `ann-lee` could be a person, `shop.web.cart` is none.
   */
  private static final String PROGRAMS_NAME = "(?=.{1,64}$)(?!(?:.*[0-9]){3})(?:[a-z][a-z_]*\\.(?:[a-z][a-z_]*\\.)+)?[A-Za-z_$][A-Za-z0-9_$]*";

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong of = new AtomicLong();
  private final Set<String> attributes = new ConcurrentSkipListSet<>();
  private final Set<String> unserializable = new ConcurrentSkipListSet<>();
  private volatile long latestNs = System.nanoTime();
  private volatile boolean isUsed;

  /** Is called when a manager starts whose sessions can be compared. */
  void use() {
    isUsed = true;
  }

  /** Whether the next request that reads an attribute belongs to the sample. */
  boolean isDue() {
    return of.get() < FIRST || System.nanoTime() - latestNs > LONGEST_NS || ThreadLocalRandom.current().nextInt(ONE_IN) == 0;
  }

  /** @param unwritten what the request has changed, and the store does not have */
  void note(Collection<ReadAttribute.Change> unwritten) {
    latestNs = System.nanoTime();
    of.incrementAndGet();
    if (unwritten.isEmpty()) return;
    requests.incrementAndGet();
    for (ReadAttribute.Change each : unwritten) add(attributes, describe(each.of));
  }

  /** A change that was found at the end of a request, of all of them, and could not be written. */
  void noteFailed() {
    failed.incrementAndGet();
  }

  void noteUnserializable(String type) {
    add(unserializable, plain(type));
  }

  private static void add(Set<String> names, String name) {
    if (names.size() < MOST_NAMES) names.add(name);
  }

  static String describe(ReadAttribute attribute) {
    String type = plain(attribute.value.getClass().getName());
    return attribute.name.matches(PROGRAMS_NAME) ? attribute.name + " (" + type + ")" : type;
  }

  /** Without the number that a lambda's class or a proxy's has in this process alone. */
  static String plain(String type) {
    String name = type.replaceAll("\\$\\$.*|/.*", "").replaceAll("[^A-Za-z0-9_.$\\[;]", "");
    return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
  }

  /**
   * `{"requests":3,"of":40,"failed":0,"attributes":["cart (java.util.ArrayList)"],"unserializable":[],"inUrls":{"sessions":2,"of":40}}`; null
   * where no session is compared.
   */
  String json() {
    if (!isUsed) return null;
    String inUrls = SessionsInMemory.inUrlsOfAll();
    return "{\"requests\":" + requests.get() + ",\"of\":" + of.get() + ",\"failed\":" + failed.get() + ",\"attributes\":" + list(attributes) + ",\"unserializable\":" + list(unserializable)
        + (inUrls == null ? "" : ",\"inUrls\":" + inUrls) + "}";
  }

  private static String list(Set<String> names) {
    return names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(",", "[", "]"));
  }
}
