package holdfast;

import java.io.Serializable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
  private static final int ROUNDS = 6;
  private static final long PAUSE_MS = 80;
  private static final String UNREADABLE =
      " sends messages that this server cannot read, or somebody does in its name: it has another key, or another version of Tomcat";
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
    List<String> left = OwnSessions.keys();
    Map<String, Integer> differing = new LinkedHashMap<>();
    Map<String, String> failures = new LinkedHashMap<>();
    Set<String> silent = new LinkedHashSet<>();
    for (int round = 0; round < ROUNDS && !left.isEmpty() && silent.size() < members.length; round++) {
      if (round > 0) Thread.sleep(PAUSE_MS);
      differing.clear();
      List<String> still = new ArrayList<>();
      for (int from = 0; from < left.size(); from += OwnSessions.PAGE) {
        List<String> page = left.subList(from, Math.min(left.size(), from + OwnSessions.PAGE));
        if (System.nanoTime() - end < 0) still.addAll(notHeld(OwnSessions.digests(page), members, differing, failures, silent));
        else still.addAll(page);
      }
      left = still;
    }
    if (left.isEmpty()) return new Found(0, members.length, "");
    if (System.nanoTime() - end >= 0) failures.put("", "the comparison was not done after " + LIMIT_NS / 1_000_000_000L + " s");
    return new Found(left.size(), members.length, reason(differing, silent, failures.values(), "lacks"));
  }

  /** Those of a page that no member holds. A member is asked for what the ones before it do not hold. */
  private Collection<String> notHeld(
      Map<String, String> page, Member[] members, Map<String, Integer> differing, Map<String, String> failures, Set<String> silent)
      throws InterruptedException {
    for (Member member : members) {
      String name = nameOf(member);
      if (page.isEmpty() || silent.contains(name)) continue;
      CopiesQuestions.Answer answer = questions.of(member, page.keySet());
      if (answer == null) {
        silent.add(name);
        continue;
      }
      if (answer.failed > 0) failures.put(name, name + " could not read " + answer.failed + " copies (" + answer.latest + ")");
      page.entrySet().removeIf(own -> matches(own.getValue(), answer.sessions.get(own.getKey())));
      if (!page.isEmpty()) differing.merge(name, Integer.valueOf(page.size()), Integer::sum);
    }
    return page.keySet();
  }

  /** Sessions of the other members that this server does not hold with the same attributes. */
  synchronized Found missing() throws InterruptedException {
    long end = System.nanoTime() + LIMIT_NS;
    Map<String, Integer> differing = new LinkedHashMap<>();
    Set<String> silent = new LinkedHashSet<>();
    int missing = 0;
    Member[] members = cluster.getMembers();
    for (Member member : members) {
      Collection<String> left = missingOf(member, end);
      for (int round = 1; round < ROUNDS && left != null && !left.isEmpty(); round++) {
        Thread.sleep(PAUSE_MS);
        left = stillMissing(member, new ArrayList<>(left));
      }
      if (left == null) silent.add(nameOf(member));
      else if (!left.isEmpty()) differing.put(nameOf(member), Integer.valueOf(left.size()));
      missing += left == null ? 0 : left.size();
    }
    List<String> failures = new ArrayList<>();
    if (missing > 0 && CopiedSessions.failedUpdates() > 0) {
      failures.add(CopiedSessions.failedUpdates() + " copies could not be read here (" + CopiedSessions.latestFailure() + ")");
    }
    // Anybody who reaches the port can send what cannot be read, in any member's name. With a member that answers, the keys are alike.
    boolean isUnread = members.length == 0 && configured.stream().anyMatch(ClusterKey::isUnreadable);
    int fewer = Math.min(before, configured.size()) - members.length;
    if (fewer > 0) failures.add("before its stop this server reached " + before + " members, and now " + members.length);
    if (missing == 0 && silent.isEmpty() && !isUnread && fewer <= 0) return new Found(0, members.length, "");
    return new Found(Math.max(1, missing), members.length, reason(differing, silent, failures, "has others than this server:"));
  }

  /** The sessions in use on a member that this server lacks; null when the member does not answer, or not within the limit. */
  private Collection<String> missingOf(Member member, long end) throws InterruptedException {
    List<String> missing = new ArrayList<>();
    String last = "";
    while (System.nanoTime() - end < 0) {
      CopiesQuestions.Answer answer = questions.behind(member, last);
      if (answer == null) return null;
      missing.addAll(notHere(answer.sessions));
      if (answer.sessions.size() < OwnSessions.PAGE) return missing;
      last = Collections.max(answer.sessions.keySet());
    }
    return null;
  }

  /** Null when the member does not answer. */
  private Collection<String> stillMissing(Member member, List<String> keys) throws InterruptedException {
    List<String> missing = new ArrayList<>();
    // Those behind the first page wait for it: while so many are missing, the others need no comparison.
    CopiesQuestions.Answer answer = questions.of(member, keys.subList(0, Math.min(keys.size(), OwnSessions.PAGE)));
    if (answer == null) return null;
    missing.addAll(notHere(answer.sessions));
    if (keys.size() > OwnSessions.PAGE) missing.addAll(keys.subList(OwnSessions.PAGE, keys.size()));
    return missing;
  }

  private static Collection<String> notHere(Map<String, String> theirs) {
    Map<String, String> own = OwnSessions.digests(theirs.keySet());
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, String> each : theirs.entrySet()) {
      // It has ended, or another member has the newer one.
      if (each.getValue().isEmpty() || each.getValue().startsWith(OwnSessions.COPY)) continue;
      if (!matches(each.getValue(), own.get(each.getKey()))) missing.add(each.getKey());
    }
    return missing;
  }

  /** A copy whose other side is in use has the older attributes, and loses nothing. */
  private static boolean matches(String one, String other) {
    if (other == null || other.isEmpty()) return false;
    return one.substring(1).equals(other.substring(1)) || (one.startsWith(OwnSessions.COPY) && other.startsWith(OwnSessions.PRIMARY));
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

  /** From a thread that receives messages of the cluster. */
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
