package holdfast;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.tribes.Member;

/**
 * Sends each session that this server has in use, and that another member does not have as it is here, to that member once more and as a
 * whole. Tomcat itself never does: a member that was silent for a few seconds, in a long garbage collection or behind a network that failed,
 * lacks what began and changed meanwhile until it starts anew, and its users would be logged out there.
 */
final class SentAgain {
  private static final Logger LOG = Logger.getLogger("holdfast");
  /** The most sessions that are sent after one comparison. What is still missing then is sent after the next one. */
  private static final int MOST = 2_000;
  /** A change that was on its way when the comparison found it missing has arrived after this time. */
  private static final long PAUSE_MS = 200;

  private final Map<Member, List<String>> lacking = new LinkedHashMap<>();

  /** Remembers which sessions of this server the member lacks, by what each of the two has. */
  void note(Member member, Map<String, String> own, Map<String, String> theirs) {
    for (Map.Entry<String, String> each : own.entrySet()) {
      if (isLacking(each.getValue(), theirs.get(each.getKey()))) lacking.computeIfAbsent(member, any -> new ArrayList<>()).add(each.getKey());
    }
  }

  /**
   * Whether the member has nothing of a session that is in use here, or an outdated copy. What the member has in use or is changing can be
   * newer than what is here, and so can one of two copies: such a session is never sent.
   */
  private static boolean isLacking(String own, String theirs) {
    if (own.startsWith(OwnSessions.COPY) || OwnSessions.whyUnwritable(own) != null) return false;
    return theirs == null || (theirs.startsWith(OwnSessions.COPY) && !SessionCopies.matches(own, theirs));
  }

  /** Sends what is still missing where it was noted. @return whether something was sent */
  boolean send(CopiesQuestions questions) throws InterruptedException {
    if (lacking.isEmpty()) return false;
    Thread.sleep(PAUSE_MS);
    int left = MOST;
    boolean isSent = false;
    for (Map.Entry<Member, List<String>> each : lacking.entrySet()) {
      List<String> keys = each.getValue().subList(0, Math.min(left, each.getValue().size()));
      int sent = 0;
      for (int from = 0; from < keys.size(); from += OwnSessions.PAGE) {
        sent += sendPage(questions, each.getKey(), keys.subList(from, Math.min(keys.size(), from + OwnSessions.PAGE)));
      }
      left -= sent;
      isSent |= sent > 0;
      if (sent > 0) LOG.log(Level.WARNING, SessionCopies.nameOf(each.getKey()) + " lacked " + sent + " sessions, which were sent to it again.");
    }
    return isSent;
  }

  private static int sendPage(CopiesQuestions questions, Member member, List<String> keys) throws InterruptedException {
    CopiesQuestions.Answer answer = questions.of(member, keys);
    if (answer == null) return 0;
    int sent = 0;
    for (Map.Entry<String, String> own : OwnSessions.digests(keys).entrySet()) {
      if (!isLacking(own.getValue(), answer.sessions.get(own.getKey()))) continue;
      try {
        if (OwnSessions.sendWhole(own.getKey(), member)) sent += 1;
      } catch (IOException unwritable) {
        // The comparison reports a session that cannot be written.
      }
    }
    return sent;
  }
}
