package holdfast;

import java.util.regex.Pattern;

/** What a user agent calls itself, as one of few words: its own text would tell users apart. */
final class AgentClass {
  private static final Pattern HEALTH_CHECK = Pattern.compile("(?i)health|probe|uptime|monitor|pingdom");
  private static final Pattern BOT = Pattern.compile("(?i)bot|crawl|spider|slurp|scan");

  private AgentClass() {}

  static String of(String agent) {
    if (agent == null || agent.isEmpty()) return "none";
    if (HEALTH_CHECK.matcher(agent).find()) return "health-check";
    if (BOT.matcher(agent).find()) return "bot";
    return agent.startsWith("Mozilla/") ? "browser" : "script";
  }
}
