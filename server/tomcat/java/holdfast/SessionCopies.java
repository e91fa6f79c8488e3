package holdfast;

import java.io.Serializable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.Engine;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.ha.CatalinaCluster;
import org.apache.catalina.tribes.Member;
import org.apache.catalina.tribes.group.RpcCallback;
import org.apache.catalina.tribes.group.RpcChannel;

/**
 * Compares this server's sessions with those of the other members: by what is in them, since Tomcat makes an empty copy first and only
 * logs an update that cannot be read. Messages between members are plain Java types, so that a release can ask another one.
 */
public class SessionCopies implements LifecycleListener, RpcCallback {
  private static final byte[] CHANNEL = "holdfast.session-copies".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  /** Sessions change while they are compared: those that differ are compared again. */
  static final int ROUNDS = 6;
  static final long PAUSE_MS = 80;
  private static final String UNREADABLE =
      " sends messages that this server cannot read, or somebody does in its name: it has another key, another version of Tomcat, or a clock that is off by more than 10 s";
  /** Time limit of one comparison. A session that was not compared by then counts as held by no other member. */
  private static final long LIMIT_NS = 50_000_000_000L;

  private static volatile SessionCopies started;

  private CatalinaCluster cluster;
  private int before;
  private final CopiesAnswers answers = new CopiesAnswers();
  private CopiesQuestions questions;
  private List<String> configured = new ArrayList<>();

  /** The other members, each as `10.0.0.1:4000`, separated by blanks. */
  public void setMembers(String members) {
    SessionOrigin.turnOff();
    configured = Arrays.asList(members.trim().split("\\s+"));
    ClusterKey.expect(configured);
  }

  @Override
  public void lifecycleEvent(LifecycleEvent event) {
    if (Lifecycle.BEFORE_STOP_EVENT.equals(event.getType())) MembersBefore.write(cluster == null ? 0 : cluster.getMembers().length);
    if (!Lifecycle.AFTER_START_EVENT.equals(event.getType())) return;
    before = MembersBefore.read();
    cluster = (CatalinaCluster) ((Engine) event.getLifecycle()).getCluster();
    questions = new CopiesQuestions(new RpcChannel(CHANNEL, cluster.getChannel(), this));
    started = this;
  }

  /** Null without a cluster. */
  static SessionCopies current() {
    return started;
  }

  static String nameOf(Member member) {
    try {
      return InetAddress.getByAddress(member.getHost()).getHostAddress() + ":" + member.getPort();
    } catch (UnknownHostException error) {
      return "?:" + member.getPort();
    }
  }

  /** What one comparison has found. */
  static final class Found {
    /** Sessions whose counterpart is missing. */
    final int missing;
    final int members;
    /** In words; empty when nothing is missing. Names members and classes, and no session. */
    final String reason;

    Found(int missing, int members, String reason) {
      this.missing = missing;
      this.members = members;
      this.reason = reason;
    }
  }

  /** Sessions of this server that no other member holds with the same attributes. One comparison at a time. */
  synchronized Found alone() throws InterruptedException {
    long end = System.nanoTime() + LIMIT_NS;
    Member[] members = cluster.getMembers();
    LoneSessions found = LoneSessions.of(members, questions, end);
    if (found.count() == 0) return new Found(0, members.length, "");
    List<String> failures = new ArrayList<>(found.failures.values());
    if (System.nanoTime() - end >= 0) failures.add("the comparison was not done after " + LIMIT_NS / 1_000_000_000L + " s");
    return new Found(found.count(), members.length, reason(found.differing, found.silent, failures, "lacks"));
  }

  /** Sessions of the other members that this server does not hold with the same attributes. */
  synchronized Found missing() throws InterruptedException {
    Member[] members = cluster.getMembers();
    MissingCopies found = MissingCopies.of(members, questions, System.nanoTime() + LIMIT_NS);
    List<String> failures = new ArrayList<>(found.reasons);
    if (found.count() > 0 && CopiedSessions.failedUpdates() > 0) {
      failures.add(CopiedSessions.failedUpdates() + " copies could not be read here (" + CopiedSessions.latestFailure() + ")");
    }
    // Anybody who reaches the port can send what cannot be read, in any member's name. With a member that answers, the keys are alike.
    boolean isUnread = members.length == 0 && configured.stream().anyMatch(ClusterKey::isUnreadable);
    int fewer = Math.min(before, configured.size()) - members.length;
    if (fewer > 0) failures.add("before its stop this server reached " + before + " members, and now " + members.length);
    if (found.count() == 0 && found.silent.isEmpty() && !isUnread && fewer <= 0) return new Found(0, members.length, "");
    return new Found(
        Math.max(1, found.count()), members.length, reason(found.byMember(), found.silent, failures, "has others than this server:"));
  }

  /** A copy whose other side is in use has the older attributes, and loses nothing. */
  static boolean matches(String one, String other) {
    if (other == null || other.isEmpty()) return false;
    return one.substring(1).equals(other.substring(1)) || (one.startsWith(OwnSessions.COPY) && !other.startsWith(OwnSessions.COPY));
  }

  private String reason(Map<String, Integer> differing, Set<String> silent, Collection<String> failures, String verb) {
    List<String> parts = new ArrayList<>();
    List<String> reached = new ArrayList<>();
    for (Member member : cluster.getMembers()) reached.add(nameOf(member));
    for (String member : configured) {
      if (ClusterKey.isUnreadable(member)) parts.add(member + UNREADABLE);
      else if (!reached.contains(member)) parts.add(member + " is not reached: its port is closed, or it does not run");
    }
    for (Map.Entry<String, Integer> entry : differing.entrySet()) parts.add(entry.getKey() + " " + verb + " " + entry.getValue() + " sessions");
    for (String member : silent) parts.add(member + " does not answer");
    parts.addAll(failures);
    return String.join("; ", parts);
  }

  /** Is called on a thread that receives messages of the cluster. */
  @Override
  public Serializable replyRequest(Serializable message, Member sender) {
    String member = nameOf(sender);
    return configured.contains(member) ? answers.reply((Object[]) message, member) : null;
  }

  @Override
  public void leftOver(Serializable message, Member sender) {
    // An answer that came too late.
  }
}
