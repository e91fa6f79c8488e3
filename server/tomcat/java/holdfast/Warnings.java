package holdfast;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Sentences for the journal. They are about classes and names of the program, of which an application has few, and have no value and no id. */
final class Warnings {
  private static final Logger LOG = Logger.getLogger("holdfast");
  private static final int MOST_SENTENCES = 50;
  private static final long PAUSE_NS = TimeUnit.MINUTES.toNanos(1);

  private final Map<String, Said> said = new HashMap<>();

  private static final class Said {
    long atNs;
    long since;
  }

  /** Logs a sentence once. */
  synchronized void once(String sentence) {
    if (said.containsKey(sentence) || said.size() >= MOST_SENTENCES) return;
    said.put(sentence, new Said());
    log(sentence);
  }

  /** Logs a sentence once a minute, with how often it was to be logged meanwhile. */
  synchronized void eachMinute(String sentence) {
    long now = System.nanoTime();
    Said before = said.get(sentence);
    if (before == null && said.size() >= MOST_SENTENCES) return;
    if (before == null) said.put(sentence, before = new Said());
    else if (now - before.atNs < PAUSE_NS) {
      before.since += 1;
      return;
    }
    log(before.since == 0 ? sentence : sentence + " (and " + before.since + " times since it was logged last)");
    before.atNs = now;
    before.since = 0;
  }

  private static void log(String sentence) {
    LOG.log(Level.WARNING, sentence + ".");
  }
}
