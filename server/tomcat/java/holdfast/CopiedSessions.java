package holdfast;

import java.io.IOException;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.catalina.Session;
import org.apache.catalina.ha.session.DeltaManager;
import org.apache.catalina.ha.session.SessionMessage;
import org.apache.catalina.tribes.Member;

/** Counts the copies that this server could not read: Tomcat itself only logs them, and the sender takes them for delivered. */
public class CopiedSessions extends DeltaManager {
  private static final int LONGEST_REASON = 150;
  private static final AtomicLong FAILED = new AtomicLong();
  private static volatile String latest = "";

  static long failedUpdates() {
    return FAILED.get();
  }

  /** Why the latest could not be read: the kind of error and, where Java names it, the class. Empty before the first. */
  static String latestFailure() {
    return latest;
  }

  @Override
  protected void handleSESSION_DELTA(SessionMessage message, Member sender) throws IOException, ClassNotFoundException {
    try {
      super.handleSESSION_DELTA(message, sender);
    } catch (IOException | ClassNotFoundException | RuntimeException error) {
      note(error);
      throw error;
    }
  }

  @Override
  protected void handleALL_SESSION_DATA(SessionMessage message, Member sender) throws IOException, ClassNotFoundException {
    try {
      super.handleALL_SESSION_DATA(message, sender);
    } catch (IOException | ClassNotFoundException | RuntimeException error) {
      note(error);
      throw error;
    }
  }

  /** Sends a session as it is here, all of it. The member takes it in the place of what it has. */
  void sendWhole(Member member, Session session) throws IOException {
    sendSessions(member, new Session[] {session}, System.currentTimeMillis());
  }

  private static void note(Exception error) {
    FAILED.incrementAndGet();
    latest = describe(error);
  }

  /** The message of an error of the application's own could hold anything; those of these name classes, in their first line. */
  static String describe(Throwable error) {
    boolean namesClass =
        error instanceof InvalidClassException || error instanceof ClassNotFoundException || error instanceof NotSerializableException;
    String message = String.valueOf(error.getMessage()).split("\\R", 2)[0];
    String text = namesClass ? error.getClass().getSimpleName() + ": " + message : error.getClass().getName();
    return text.length() > LONGEST_REASON ? text.substring(0, LONGEST_REASON) : text;
  }
}
