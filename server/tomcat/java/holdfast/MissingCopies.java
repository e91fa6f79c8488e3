package holdfast;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.tribes.Member;

/**
 * Sessions of the other members that this server does not hold with the same attributes. A member's copies are compared as well as the
 * sessions that it has in use, because those that this server had in use before its stop are copies on every member.
 */
final class MissingCopies {
  private final CopiesQuestions questions;
  private final Member[] members;
  private final long end;
  private final Map<Member, List<String>> lacking = new LinkedHashMap<>();
  /** Members that do not answer, or not within the limit. */
  final Set<String> silent = new LinkedHashSet<>();
  /** Why some sessions cannot be copied from the member that has them. */
  final Set<String> reasons = new LinkedHashSet<>();

  private MissingCopies(Member[] members, CopiesQuestions questions, long end) {
    this.members = members;
    this.questions = questions;
    this.end = end;
  }

  /** @param end by the clock of System.nanoTime */
  static MissingCopies of(Member[] members, CopiesQuestions questions, long end) throws InterruptedException {
    MissingCopies found = new MissingCopies(members, questions, end);
    for (Member member : members) found.note(member, found.allOf(member));
    // As long as fewer sessions are missing after each round, copies are arriving, and the comparison goes on.
    for (int round = 1, before = Integer.MAX_VALUE; found.count() > 0 && System.nanoTime() - end < 0; round++) {
      if (round >= SessionCopies.ROUNDS && found.count() >= before) break;
      before = found.count();
      Thread.sleep(SessionCopies.PAUSE_MS);
      for (Member member : members) {
        List<String> left = found.lacking.getOrDefault(member, Collections.emptyList());
        if (!left.isEmpty()) found.note(member, found.stillOf(member, left));
      }
    }
    return found;
  }

  int count() {
    return lacking.values().stream().mapToInt(List::size).sum();
  }

  /** How many sessions are missing, by the name of the member that has them. */
  Map<String, Integer> byMember() {
    Map<String, Integer> found = new LinkedHashMap<>();
    lacking.forEach((member, keys) -> found.put(SessionCopies.nameOf(member), Integer.valueOf(keys.size())));
    return found;
  }

  private void note(Member member, List<String> keys) {
    if (keys == null) silent.add(SessionCopies.nameOf(member));
    if (keys == null || keys.isEmpty()) lacking.remove(member);
    else lacking.put(member, keys);
  }

  /** Which of all sessions of the member are missing here. Null when the member does not answer, or not within the limit. */
  private List<String> allOf(Member member) throws InterruptedException {
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

  /** Which of these sessions, which were missing, still are. Null when the member does not answer. */
  private List<String> stillOf(Member member, List<String> keys) throws InterruptedException {
    // Only the first page is compared again: while that many are missing, the sessions behind it count as missing without a comparison.
    CopiesQuestions.Answer answer = questions.of(member, keys.subList(0, Math.min(keys.size(), OwnSessions.PAGE)));
    if (answer == null) return null;
    List<String> missing = new ArrayList<>(notHere(answer.sessions));
    List<String> copies = new ArrayList<>(missing);
    copies.removeIf(key -> !answer.sessions.get(key).startsWith(OwnSessions.COPY));
    if (!copies.isEmpty()) missing.removeAll(heldElsewhere(copies, member));
    if (keys.size() > OwnSessions.PAGE) missing.addAll(keys.subList(OwnSessions.PAGE, keys.size()));
    return missing;
  }

  private Collection<String> notHere(Map<String, String> theirs) {
    Map<String, String> own = OwnSessions.digests(theirs.keySet());
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, String> each : theirs.entrySet()) {
      // The session has ended on the member, so nobody needs it here.
      if (each.getValue().isEmpty()) continue;
      String here = own.get(each.getKey());
      // A request changes it, there or here, and sends that when it ends.
      boolean isUnderWay = here != null && (each.getValue().startsWith(OwnSessions.UNSENT) || here.startsWith(OwnSessions.UNSENT));
      if (isUnderWay || SessionCopies.matches(each.getValue(), here)) continue;
      missing.add(each.getKey());
      String why = OwnSessions.whyUnwritable(each.getValue());
      if (why != null) reasons.add("some cannot be written there (" + why + ")");
    }
    return missing;
  }

  /**
   * Which of a member's copies are not missing here after all: another member has the session in use, and is compared itself, or has a copy
   * that is as the one here.
   */
  private Set<String> heldElsewhere(Collection<String> copies, Member but) throws InterruptedException {
    Map<String, String> own = OwnSessions.digests(copies);
    Set<String> held = new HashSet<>();
    for (Member member : members) {
      CopiesQuestions.Answer answer = member == but ? null : questions.of(member, copies);
      if (answer == null) continue;
      answer.sessions.forEach(
          (key, theirs) -> {
            boolean isInUse = !theirs.isEmpty() && !theirs.startsWith(OwnSessions.COPY);
            if (isInUse || SessionCopies.matches(theirs, own.get(key))) held.add(key);
          });
    }
    return held;
  }
}
