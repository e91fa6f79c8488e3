package holdfast;

import java.io.Serializable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.Engine;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.Manager;
import org.apache.catalina.Session;
import org.apache.catalina.ha.CatalinaCluster;
import org.apache.catalina.ha.session.DeltaSession;
import org.apache.catalina.session.StandardSession;
import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.Member;
import org.apache.catalina.tribes.group.Response;
import org.apache.catalina.tribes.group.RpcCallback;
import org.apache.catalina.tribes.group.RpcChannel;

/**
 * Compares this server's sessions with those of the other members: by what is in them, since Tomcat makes an empty copy first and only
 * logs an update that cannot be read. Messages between members are plain Java types, so that a release can ask another one.
 */
public class SessionCopies implements LifecycleListener, RpcCallback {
  private static final byte[] CHANNEL = "holdfast.session-copies".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private static final long ANSWER_MS = 5_000;
  /** Sessions change while they are compared: those that differ are compared again. */
  private static final int ROUNDS = 6;
  private static final long PAUSE_MS = 80;
  private static final String PRIMARY = "1";
  private static final String COPY = "0";

  private static volatile SessionCopies started;

  private CatalinaCluster cluster;
  private int before;
  private RpcChannel channel;
  private List<String> configured = new ArrayList<>();

  /** The other members, each as `10.0.0.1:4000`, separated by blanks. */
  public void setMembers(String members) {
    configured = Arrays.asList(members.trim().split("\\s+"));
  }

  @Override
  public void lifecycleEvent(LifecycleEvent event) {
    if (Lifecycle.BEFORE_STOP_EVENT.equals(event.getType())) MembersBefore.write(cluster == null ? 0 : cluster.getMembers().length);
    if (!Lifecycle.AFTER_START_EVENT.equals(event.getType())) return;
    before = MembersBefore.read();
    cluster = (CatalinaCluster) ((Engine) event.getLifecycle()).getCluster();
    channel = new RpcChannel(CHANNEL, cluster.getChannel(), this);
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

  /** Sessions of this server that no other member holds with the same attributes. */
  Found alone() throws InterruptedException {
    Map<String, String> left = ownSessions(null);
    Map<String, Integer> differing = new LinkedHashMap<>();
    List<String> silent = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    Member[] members = cluster.getMembers();
    for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
      if (round > 0) {
        Thread.sleep(PAUSE_MS);
        left = ownSessions(left.keySet());
      }
      differing.clear();
      silent.clear();
      failures.clear();
      Map<String, String> held = new HashMap<>();
      for (Member member : members) {
        Answer answer = ask(member, left.keySet());
        if (answer == null) {
          silent.add(nameOf(member));
          continue;
        }
        answer.noteFailure(nameOf(member), failures);
        int other = 0;
        for (Map.Entry<String, String> own : left.entrySet()) {
          String theirs = answer.sessions.get(own.getKey());
          if (theirs != null && matches(own.getValue(), theirs)) held.put(own.getKey(), theirs);
          else other += 1;
        }
        if (other > 0) differing.put(nameOf(member), Integer.valueOf(other));
      }
      left.keySet().removeAll(held.keySet());
    }
    if (left.isEmpty()) return new Found(0, members.length, "");
    return new Found(left.size(), members.length, reason(differing, silent, failures, "lacks"));
  }

  /** Sessions of the other members that this server does not hold with the same attributes. */
  Found missing() throws InterruptedException {
    Map<String, Integer> differing = new LinkedHashMap<>();
    List<String> silent = new ArrayList<>();
    int missing = 0;
    Member[] members = cluster.getMembers();
    for (Member member : members) {
      Collection<String> asked = null;
      int other = 0;
      for (int round = 0; round < ROUNDS; round++) {
        if (round > 0) Thread.sleep(PAUSE_MS);
        Answer answer = ask(member, asked);
        if (answer == null) {
          silent.add(nameOf(member));
          other = 0;
          break;
        }
        asked = new ArrayList<>();
        Map<String, String> own = ownSessions(answer.sessions.keySet());
        for (Map.Entry<String, String> theirs : answer.sessions.entrySet()) {
          // Another member has the newer one.
          if (theirs.getValue().startsWith(COPY)) continue;
          String mine = own.get(theirs.getKey());
          if (mine == null || !matches(theirs.getValue(), mine)) asked.add(theirs.getKey());
        }
        other = asked.size();
        if (other == 0) break;
      }
      if (other > 0) differing.put(nameOf(member), Integer.valueOf(other));
      missing += other;
    }
    List<String> failures = new ArrayList<>();
    if (missing > 0 && CopiedSessions.failedUpdates() > 0) {
      failures.add(CopiedSessions.failedUpdates() + " copies could not be read here (" + CopiedSessions.latestFailure() + ")");
    }
    boolean isUnread = configured.stream().anyMatch(ClusterKey::isUnreadable);
    int fewer = Math.min(before, configured.size()) - members.length;
    if (fewer > 0) failures.add("before its stop this server reached " + before + " members, and now " + members.length);
    if (missing == 0 && silent.isEmpty() && !isUnread && fewer <= 0) return new Found(0, members.length, "");
    return new Found(Math.max(1, missing), members.length, reason(differing, silent, failures, "has others than this server:"));
  }

  /** A copy whose other side is in use has the older attributes, and loses nothing. */
  private static boolean matches(String one, String other) {
    return one.substring(1).equals(other.substring(1)) || (one.startsWith(COPY) && other.startsWith(PRIMARY));
  }

  private String reason(Map<String, Integer> differing, List<String> silent, List<String> failures, String verb) {
    List<String> parts = new ArrayList<>();
    List<String> reached = new ArrayList<>();
    for (Member member : cluster.getMembers()) reached.add(nameOf(member));
    for (String member : configured) {
      if (ClusterKey.isUnreadable(member)) parts.add(member + " sends messages that this server cannot read: it has another key, or another version of Tomcat");
      else if (!reached.contains(member)) parts.add(member + " is not reached: its port is closed, or it does not run");
    }
    for (Map.Entry<String, Integer> entry : differing.entrySet()) parts.add(entry.getKey() + " " + verb + " " + entry.getValue() + " sessions");
    for (String member : silent) parts.add(member + " does not answer");
    parts.addAll(failures);
    return String.join("; ", parts);
  }

  private static final class Answer {
    final Map<String, String> sessions;
    private final long failed;
    private final String latest;

    Answer(Object[] parts) {
      sessions = new HashMap<>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) parts[0]).entrySet()) sessions.put((String) entry.getKey(), (String) entry.getValue());
      failed = ((Long) parts[1]).longValue();
      latest = (String) parts[2];
    }

    void noteFailure(String member, List<String> failures) {
      if (failed > 0) failures.add(member + " could not read " + failed + " copies (" + latest + ")");
    }
  }

  /** Null when it does not answer. `ids`: all of them when null. */
  private Answer ask(Member member, Collection<String> ids) {
    try {
      Serializable question = ids == null ? new String[0] : ids.toArray(new String[0]);
      Serializable message = new Object[] {Boolean.valueOf(ids == null), question};
      Response[] answers = channel.send(new Member[] {member}, message, RpcChannel.FIRST_REPLY, Channel.SEND_OPTIONS_USE_ACK, ANSWER_MS);
      return answers.length == 0 ? null : new Answer((Object[]) answers[0].getMessage());
    } catch (Exception unreachable) {
      return null;
    }
  }

  @Override
  public Serializable replyRequest(Serializable message, Member sender) {
    Object[] parts = (Object[]) message;
    Collection<String> ids = ((Boolean) parts[0]).booleanValue() ? null : Arrays.asList((String[]) parts[1]);
    return new Object[] {
      new HashMap<>(ownSessions(ids)), Long.valueOf(CopiedSessions.failedUpdates()), CopiedSessions.latestFailure(),
    };
  }

  @Override
  public void leftOver(Serializable message, Member sender) {
    // An answer that came too late.
  }

  /** Of each session whether it is in use here (`1`) or a copy (`0`), and its digest; by application and id. */
  private static Map<String, String> ownSessions(Collection<String> ids) {
    Map<String, String> found = new HashMap<>();
    for (Context context : MainEngine.applications()) {
      Manager manager = context.getManager();
      if (!(manager instanceof CopiedSessions)) continue;
      for (Session session : manager.findSessions()) {
        String key = context.getName() + " " + session.getIdInternal();
        if ((ids != null && !ids.contains(key)) || SessionsInMemory.hasTimedOut(session)) continue;
        String digest = digestOf(session, context);
        if (digest != null) found.put(key, (((DeltaSession) session).isPrimarySession() ? PRIMARY : COPY) + digest);
      }
    }
    return found;
  }

  /** Null for a session that has ended meanwhile. What cannot be written is like nothing else. */
  private static String digestOf(Session session, Context context) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    ClassLoader classes = context.getLoader().getClassLoader();
    thread.setContextClassLoader(classes);
    try {
      return SessionDigest.of((StandardSession) session, classes);
    } catch (IllegalStateException ended) {
      return null;
    } catch (Exception | LinkageError unwritable) {
      return "unwritable here " + System.nanoTime();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
