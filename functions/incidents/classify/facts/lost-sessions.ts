/** Sessions that users lost, as all servers' access logs show them together. Pure. */
import type { Evidence } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import {
  allLogsRead,
  BEFORE_SIGN_MS,
  FEWEST_SESSIONS,
  firstAfter,
  knownTraces,
  logsShowAnswered,
  type MergedTrace,
  mergedTraces,
  requestsWithSession,
  serversOf,
} from '../../trouble/traces.ts';
import { troubleOf } from '../../trouble/trouble.ts';
import { anyOf, firmIf, type Judged, judgeSource, no, open, shaky, yes } from '../judged.ts';
import { sessionsStray } from './session-moves.ts';
import { trafficTurnedAway } from './traffic.ts';

/**
 * Share, in percent, of sessions that were lost, or of requests whose session was replaced, that means something. A smaller one is usual: a
 * login replaces a session too, and a logout redirects.
 */
const LOST_PERCENT = 10;
const FEWEST_LOST = 3;
/** Losses are more than usual at this many times their earlier rate, where the same logs go back far enough to compare. */
const LOST_FACTOR = 2;
const SHORTEST_BEFORE_MS = 10 * 60_000;

const lostOf = (traces: readonly MergedTrace[]) => traces.filter(({ lost }) => lost);
const areMany = (lost: number, seen: number): boolean => lost >= FEWEST_LOST && lost * 100 >= seen * LOST_PERCENT;

/** Users whose session was refused or replaced, and more of them than before. It is firm only of logs that show the time before. */
export const sessionsLost = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const seen = knownTraces(servers, evidence.firstSignMs);
    const lost = lostOf(seen).length;
    const { replaced, withSession } = requestsWithSession(servers);
    const text = `${lost} of ${seen.length} sampled sessions ended in a redirect, a refusal or another session, and ${replaced} of the sessions of ${withSession} requests were replaced`;
    const areReplaced = replaced >= FEWEST_SESSIONS && replaced * 100 >= withSession * LOST_PERCENT;
    const whole = allLogsRead(servers, complete);
    if (seen.length < FEWEST_SESSIONS && !areReplaced) return open('servers', 'access logs: too few sessions that the servers knew');
    const usual = isUsual(servers, lost, evidence);
    if (areReplaced || (areMany(lost, seen.length) && usual !== true))
      return firmIf(whole && logsShowAnswered(servers) && (areReplaced || usual === false), yes('servers', text));
    // Other visitors, who need not be users, make a share as small as they like.
    if (Math.max(lost, replaced) >= FEWEST_SESSIONS && usual !== true)
      return open('servers', `${text}: too few to say so, and too many for none`);
    if (!whole) return open('servers', 'access logs: not of every server');
    // The other traces are cut off: if a session came to another server later, no log shows how it ended.
    return firmIf(seen.filter(({ beyond }) => !beyond).length >= FEWEST_SESSIONS || seen.length < FEWEST_SESSIONS, no('servers', text));
  });

/**
 * Whether sessions were lost at about the same rate before the first sign. Null: the logs do not reach far enough back, because a later
 * look collected them or a server is new.
 */
function isUsual(servers: readonly ServerFacts[], lost: number, { firstSignMs, toMs }: Evidence): boolean | null {
  const signMs = firstSignMs - BEFORE_SIGN_MS;
  const startMs = Math.max(...servers.flatMap(({ access }) => (access ? [access.fromMs] : [])));
  const beforeMs = signMs - startMs;
  if (beforeMs < SHORTEST_BEFORE_MS) return null;
  const earlier = lostOf(knownTraces(servers, Number.NEGATIVE_INFINITY)).filter(({ lastMs }) => lastMs < signMs).length;
  return lost / Math.max(1, toMs - signMs) < (LOST_FACTOR * earlier) / beforeMs;
}

/** The same, or sessions are lost all the time, as long as the logs go back. */
export const sessionsLostNowOrAlways = (evidence: Evidence): Judged =>
  anyOf(
    sessionsLost(evidence),
    judgeSource(evidence, 'servers', ({ servers }, complete) => {
      const { lost } = troubleOf(evidence).channels;
      if ('gap' in lost) return open('servers', lost.gap);
      const text = `${lost.cells.length} of ${lost.of} sampled sessions were lost, as ever`;
      return firmIf(allLogsRead(servers, complete), lost.state === 'chronic' ? yes('servers', text) : no('servers', text));
    }),
  );

/** Ids that no server's log shows as its own are turned away: those of a server whose log is gone, or invented ones. Never firm. */
const strangersTurnedAway = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const seen = mergedTraces(servers, evidence.firstSignMs);
    const lost = lostOf(seen).filter(({ knownBy }) => knownBy.length === 0).length;
    const text = `${lost} of ${seen.length} sampled ids were turned away, and no server's log shows them as its own`;
    return areMany(lost, seen.length) ? shaky(yes('servers', text)) : firmIf(allLogsRead(servers, complete), no('servers', text));
  });

/** Users lost their session, or users of a server whose log is gone. */
export const usersLost = (evidence: Evidence): Judged => anyOf(sessionsLost(evidence), strangersTurnedAway(evidence));

/**
 * Users are turned away. Nothing of it is firm: anybody can raise the number of refusals, sessions are lost in other ways, and one
 * client can begin sessions on several servers and send each to another one.
 */
export const usersTurnedAway = (evidence: Evidence): Judged =>
  anyOf(shaky(sessionsStray(evidence)), shaky(sessionsLost(evidence)), shaky(trafficTurnedAway(evidence)));

/**
 * Most of the sessions that were lost had been lost before.
 * @param what began then, in a sentence
 */
export const lostBefore = (evidence: Evidence, beganMs: number, what: string): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const known = lostOf(knownTraces(servers, evidence.firstSignMs));
    const lost = known.length >= FEWEST_LOST ? known : lostOf(mergedTraces(servers, evidence.firstSignMs));
    if (lost.length === 0) return open('servers', `sampled sessions that were lost, to compare with when ${what}`);
    const earlier = lost.filter(({ lastMs }) => lastMs < beganMs);
    const text = `${earlier.length} of ${lost.length} sampled sessions were lost before ${what}`;
    const judged = lost.length >= FEWEST_LOST && earlier.length * 2 > lost.length ? yes('servers', text) : no('servers', text);
    return firmIf(allLogsRead(servers, complete) && lost === known, judged);
  });

/**
 * Most of the sessions that were lost began after, on servers whose logs show it. Ids that clients can invent count as others, and so
 * prove nothing; they do not disprove it either.
 * @param endedMs when what could explain the losses was over
 * @param what was over then, in a sentence
 */
export const lostAfter = (evidence: Evidence, endedMs: number, what: string): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const lost = lostOf(mergedTraces(servers, evidence.firstSignMs));
    if (lost.length === 0) return open('servers', `sampled sessions that were lost, to compare their begin with when ${what}`);
    const known = lost.filter(({ knownBy }) => knownBy.length > 0);
    const canBeLater = known.filter((trace) => firstAfter(trace, endedMs));
    const later = canBeLater.filter(({ begins }) => begins);
    const text = `${later.length} of ${lost.length} sampled sessions that were lost began after ${what}`;
    const whole = allLogsRead(servers, complete);
    if (later.length >= FEWEST_LOST && later.length * 2 > lost.length)
      return firmIf(whole && logsShowAnswered(servers), yes('servers', text));
    return canBeLater.length >= FEWEST_LOST && canBeLater.length * 2 > known.length
      ? open('servers', `${text}, and of others it does not show`)
      : firmIf(whole, no('servers', text));
  });

/**
 * Nearly all sessions that were lost around the first sign were lost since then. It is never firm when true: ids of servers that are gone
 * count, which anybody can invent.
 * @param what began then, in a sentence
 */
export const lostOnlySince = (evidence: Evidence, beganMs: number, what: string): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const lost = lostOf(mergedTraces(servers, evidence.firstSignMs));
    if (lost.length < FEWEST_LOST) return open('servers', `sampled sessions that were lost, to compare with when ${what}`);
    const since = lost.filter(({ lastMs }) => lastMs >= beganMs);
    const text = `${since.length} of ${lost.length} sampled sessions were lost since ${what}`;
    return since.length * 10 >= lost.length * 9 ? shaky(yes('servers', text)) : firmIf(allLogsRead(servers, complete), no('servers', text));
  });

/**
 * Servers that a change did not touch lose their own sessions as often as the others do. Never true: a change can reach all servers by
 * what they share.
 * @param untouched ids of these servers; undefined where that is unknown
 * @param what they are, in a sentence
 */
export const othersLoseToo = (evidence: Evidence, untouched: readonly string[] | undefined, what: string): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    if (untouched === undefined) return open('servers', `servers: which of them are ${what}`);
    const isOwn = ({ knownBy }: MergedTrace) => knownBy.every((id) => untouched.includes(id));
    const all = knownTraces(servers, evidence.firstSignMs);
    const [own, others] = [all.filter(isOwn), all.filter((trace) => !isOwn(trace))];
    const lostOwn = lostOf(own).filter(({ lastAt }) => untouched.includes(lastAt)).length;
    const text = `${lostOwn} of ${own.length} sampled sessions of ${what} were lost there`;
    const isAlike = lostOwn * others.length * 2 >= lostOf(others).length * own.length;
    if (areMany(lostOwn, own.length) && isAlike) return open('servers', `${text}, as often as others`);
    return firmIf(allLogsRead(servers, complete), no('servers', text));
  });

/** How many were lost of the sessions that the servers knew, from 0 to 1. */
export function lostShare(evidence: Evidence): number {
  const seen = knownTraces(serversOf(evidence), evidence.firstSignMs);
  return lostOf(seen).length / Math.max(1, seen.length);
}
