package holdfast.log;

import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import org.apache.juli.OneLineFormatter;

/**
 * Tomcat's lines with session ids taken out: Redisson names the key of a session that it cannot read, also in errors that
 * the application does not catch. In a jar of its own, since Tomcat's logging sees no other.
 */
public class WithoutSessionIds extends OneLineFormatter {
  /** Tomcat's 16 random bytes, as it writes them. */
  private static final Pattern ID = Pattern.compile("(?<![0-9A-Za-z])[0-9A-F]{32}(?![0-9A-Za-z])");

  @Override
  public String format(LogRecord record) {
    return ID.matcher(super.format(record)).replaceAll("(session)");
  }
}
