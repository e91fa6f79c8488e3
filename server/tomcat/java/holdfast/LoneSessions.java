package holdfast;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.tribes.Member;

/** Sessions of this server that no other member holds with the same attributes. */
final class LoneSessions {
  /** What a request changes reaches the others at its end, which is waited for. */
  private static final long REQUEST_NS = 8_000_000_000L;

  private final CopiesQuestions questions;
  private final Member[] members;
  private final long end;
  private List<String> left = OwnSessions.keys();
  /** A request is changing one of those that are left, here or at a member. */
  private boolean isChanging = true;
  /** How many of those that are left a member does not hold, by its name. */
  final Map<String, Integer> differing = new LinkedHashMap<>();
  /** Why, by what it is about. */
  final Map<String, String> failures = new LinkedHashMap<>();
  /** Members that do not answer. */
  final Set<String> silent = new LinkedHashSet<>();

  private LoneSessions(Member[] members, CopiesQuestions questions, long end) {
    this.members = members;
    this.questions = questions;
    this.end = end;
  }

  /** What a member lacks is sent to it once more. @param end by the clock of System.nanoTime */
  static LoneSessions of(Member[] members, CopiesQuestions questions, long end) throws InterruptedException {
    LoneSessions found = new LoneSessions(members, questions, end);
    SentAgain again = new SentAgain();
    found.compare(again);
    if (again.send(questions) && found.count() > 0) found.compare(null);
    return found;
  }

  int count() {
    return left.size();
  }

  /** @param again gets what each member lacks at first; null if nobody asks */
  private void compare(SentAgain again) throws InterruptedException {
    long requestsEnd = System.nanoTime() + REQUEST_NS;
    for (int round = 0; !left.isEmpty() && silent.size() < members.length; round++) {
      if (round >= SessionCopies.ROUNDS && !(isChanging && System.nanoTime() - requestsEnd < 0)) return;
      if (round > 0) Thread.sleep(SessionCopies.PAUSE_MS);
      differing.clear();
      isChanging = false;
      List<String> still = new ArrayList<>();
      for (int from = 0; from < left.size(); from += OwnSessions.PAGE) {
        List<String> page = left.subList(from, Math.min(left.size(), from + OwnSessions.PAGE));
        if (System.nanoTime() - end >= 0) {
          still.addAll(page);
          continue;
        }
        still.addAll(notHeld(OwnSessions.digests(page), round == 0 ? again : null));
      }
      left = still;
    }
  }

  /** Those of a page that no member holds. Where nobody asks what each member lacks, it is asked for what the ones before it do not hold. */
  private Collection<String> notHeld(Map<String, String> page, SentAgain again) throws InterruptedException {
    Map<String, String> alone = new HashMap<>(page);
    for (Member member : members) {
      String name = SessionCopies.nameOf(member);
      Map<String, String> asked = again == null ? alone : page;
      if (asked.isEmpty() || silent.contains(name)) continue;
      CopiesQuestions.Answer answer = questions.of(member, asked.keySet());
      if (answer == null) {
        silent.add(name);
        continue;
      }
      if (answer.failed > 0) failures.put(name, name + " could not read " + answer.failed + " copies (" + answer.latest + ")");
      if (again != null) again.note(member, page, answer.sessions);
      alone.entrySet().removeIf(own -> SessionCopies.matches(own.getValue(), answer.sessions.get(own.getKey())));
      if (!alone.isEmpty()) differing.merge(name, Integer.valueOf(alone.size()), Integer::sum);
      isChanging |= alone.keySet().stream().anyMatch(key -> answer.sessions.getOrDefault(key, "").startsWith(OwnSessions.UNSENT));
    }
    for (String own : alone.values()) {
      isChanging |= own.startsWith(OwnSessions.UNSENT);
      String why = OwnSessions.whyUnwritable(own);
      if (why != null) failures.put("unwritable", "some cannot be written here (" + why + ")");
    }
    return alone.keySet();
  }
}
