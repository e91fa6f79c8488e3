package holdfast;

import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.Member;
import org.apache.catalina.tribes.group.Response;
import org.apache.catalina.tribes.group.RpcChannel;

/** Asks another member for a page of its sessions, until its answer is there. */
final class CopiesQuestions {
  /** Longest wait for the reply to one message. */
  private static final long REPLY_MS = 3_000;
  /** Longest wait for the answer about one page, which can take several messages. */
  private static final long ANSWER_NS = 10_000_000_000L;
  private static final long LONGEST_PAUSE_MS = 50;

  private final RpcChannel channel;
  /** Ids of questions. They count on from the time of the start, so that none is an id of an earlier start. */
  private final AtomicLong ids = new AtomicLong(System.currentTimeMillis() << 20);

  CopiesQuestions(RpcChannel channel) {
    this.channel = channel;
  }

  static final class Answer {
    /** What is in each session that the member has; empty for one that it had until now. */
    final Map<String, String> sessions = new HashMap<>();
    /** Copies that it could not read since its start, and why it could not read the latest. */
    final long failed;
    final String latest;

    private Answer(Object[] parts) {
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) parts[1]).entrySet()) sessions.put((String) entry.getKey(), (String) entry.getValue());
      failed = ((Long) parts[2]).longValue();
      latest = (String) parts[3];
    }
  }

  /** Asks which of these sessions, at most a page, the member has. Null when it does not answer. */
  Answer of(Member member, Collection<String> keys) throws InterruptedException {
    return ask(member, keys.toArray(new String[0]), "");
  }

  /** The next page of all that it has. Null when it does not answer. */
  Answer behind(Member member, String last) throws InterruptedException {
    return ask(member, null, last);
  }

  private Answer ask(Member member, String[] keys, String last) throws InterruptedException {
    Long id = Long.valueOf(ids.incrementAndGet());
    boolean isKnown = false;
    long end = System.nanoTime() + ANSWER_NS;
    for (long pauseMs = 1; System.nanoTime() - end < 0; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      Object[] reply = send(member, isKnown ? new Object[] {id} : new Object[] {id, keys, last});
      if (reply == null) return null;
      if (CopiesAnswers.DONE.equals(reply[0])) return new Answer(reply);
      isKnown = CopiesAnswers.WORKING.equals(reply[0]);
      Thread.sleep(pauseMs);
    }
    return null;
  }

  private Object[] send(Member member, Serializable message) {
    try {
      Response[] replies = channel.send(new Member[] {member}, message, RpcChannel.FIRST_REPLY, Channel.SEND_OPTIONS_USE_ACK, REPLY_MS);
      return replies.length == 0 ? null : (Object[]) replies[0].getMessage();
    } catch (Exception unreachable) {
      return null;
    }
  }
}
