/** Sessions as all servers' access logs show them together. Pure. */
import type { Evidence } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { anyOf, factsOf, firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';
import { trafficTurnedAway } from './traffic.ts';

/** Fewer sessions than these say nothing about a share. */
const FEWEST_SESSIONS = 5;
/** A share of sessions that moves is no accident from here on; below the other, it is none at all. */
const MOVE_PERCENT = 5;
/** What is older than this before the first sign belongs to another time: an alarm needs some minutes to fire. */
export const BEFORE_SIGN_MS = 10 * 60_000;

export interface MergedTrace {
  readonly servers: readonly string[];
  readonly routes: readonly string[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly requests: number;
  readonly lost: boolean;
}

/** A row asks for them many times. */
const MERGED = new WeakMap<readonly ServerFacts[], readonly MergedTrace[]>();

/** Sessions that were there around the first sign or later, each once, whichever servers saw it. */
export function mergedTraces(servers: readonly ServerFacts[], firstSignMs: number): readonly MergedTrace[] {
  const all = MERGED.get(servers) ?? merge(servers);
  MERGED.set(servers, all);
  return all.filter(({ lastMs }) => lastMs >= firstSignMs - BEFORE_SIGN_MS);
}

function merge(servers: readonly ServerFacts[]): readonly MergedTrace[] {
  const merged = new Map<string, MergedTrace>();
  for (const { instanceId, access } of servers) {
    for (const [hash, trace] of Object.entries(access?.sessions ?? {})) {
      const seen = merged.get(hash);
      const isLater = seen === undefined || trace.lastMs >= seen.lastMs;
      merged.set(hash, {
        servers: [...new Set([...(seen?.servers ?? []), instanceId])],
        routes: [...new Set([...(seen?.routes ?? []), ...trace.routes])],
        firstMs: Math.min(seen?.firstMs ?? trace.firstMs, trace.firstMs),
        lastMs: Math.max(seen?.lastMs ?? trace.lastMs, trace.lastMs),
        requests: (seen?.requests ?? 0) + trace.requests,
        lost: isLater ? trace.lost === true : seen.lost,
      });
    }
  }
  return [...merged.values()];
}

/** Every server's access log was read, whole. */
export const allLogsRead = (servers: readonly ServerFacts[], complete: boolean): boolean =>
  complete && servers.length > 0 && servers.every(({ access, gap }) => access !== undefined && !access.partial && gap === undefined);

/**
 * Sessions whose requests go to more than one server, or whose id got another route. A server cannot name a session that it never saw:
 * what two of them name is no word of one of them.
 */
export const sessionsMove = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const seen = mergedTraces(servers, evidence.firstSignMs).filter(({ requests }) => requests >= 2);
    const moved = seen.filter((trace) => trace.servers.length > 1 || trace.routes.length > 1);
    const whole = allLogsRead(servers, complete);
    const areMany = ({ length }: readonly MergedTrace[]) => length >= FEWEST_SESSIONS && length * 100 >= seen.length * MOVE_PERCENT;
    if (areMany(moved))
      return firmIf(
        whole && (servers.length === 1 || areMany(moved.filter((trace) => trace.servers.length > 1))),
        yes('servers', `${moved.length} of ${seen.length} sampled sessions were served by more than one server`, undefined),
      );
    if (seen.length < FEWEST_SESSIONS || (!whole && moved.length === 0) || !whole)
      return open('servers', 'access logs: too few sessions, or not of every server, to see whether sessions change servers');
    return no('servers', `${moved.length} of ${seen.length} sampled sessions were served by more than one server`);
  });

/** Of the sessions that were there, and of the requests: a login replaces a session too, and a logout redirects. */
const LOST_PERCENT = 10;
const FEWEST_LOST = 3;
/** Of an earlier time in the same logs, if it was long enough to compare. */
const LOST_FACTOR = 2;
const SHORTEST_BEFORE_MS = 10 * 60_000;

/** Users whose session was refused or replaced, and more of them than before. */
export const sessionsLost = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const seen = mergedTraces(servers, evidence.firstSignMs);
    const lost = seen.filter((trace) => trace.lost);
    const { replaced, withSession } = requestsWithSession(servers);
    const text = `${lost.length} of ${seen.length} sampled sessions ended in a redirect or refusal, and ${replaced} of ${withSession} requests got a new session in place of theirs`;
    const areMany =
      lost.length >= FEWEST_LOST && lost.length * 100 >= seen.length * LOST_PERCENT && !isUsual(servers, lost.length, evidence);
    const areReplaced = replaced >= FEWEST_SESSIONS && replaced * 100 >= withSession * LOST_PERCENT;
    if (areMany || areReplaced) return firmIf(allLogsRead(servers, complete), yes('servers', text));
    return allLogsRead(servers, complete) ? no('servers', text) : open('servers', 'access logs: not of every server');
  });

/** As many were lost in the same time before the first sign. */
function isUsual(servers: readonly ServerFacts[], lost: number, { firstSignMs, toMs }: Evidence): boolean {
  const signMs = firstSignMs - BEFORE_SIGN_MS;
  const startMs = Math.max(...servers.flatMap(({ access }) => (access ? [access.fromMs] : [])));
  const beforeMs = signMs - startMs;
  if (beforeMs < SHORTEST_BEFORE_MS) return false;
  const earlier = mergedTraces(servers, Number.NEGATIVE_INFINITY).filter((trace) => trace.lost && trace.lastMs < signMs).length;
  return lost / Math.max(1, toMs - signMs) < (LOST_FACTOR * earlier) / beforeMs;
}

/**
 * Most of the sessions that were lost had been lost before.
 * @param what began then, in a sentence
 */
export const lostBefore = (evidence: Evidence, beganMs: number, what: string): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const lost = mergedTraces(servers, evidence.firstSignMs).filter((trace) => trace.lost);
    if (lost.length === 0) return open('servers', `sampled sessions that were lost, to compare with when ${what}`);
    const earlier = lost.filter(({ lastMs }) => lastMs < beganMs);
    const text = `${earlier.length} of ${lost.length} sampled sessions were lost before ${what}`;
    const judged = lost.length >= FEWEST_LOST && earlier.length * 2 > lost.length ? yes('servers', text) : no('servers', text);
    return firmIf(allLogsRead(servers, complete), judged);
  });

/** Users lost their session, or more of them than before are redirected or refused. */
export const usersTurnedAway = (evidence: Evidence): Judged => anyOf(trafficTurnedAway(evidence), sessionsLost(evidence));

/** Over all servers whose log shows it. */
export function requestsWithSession(servers: readonly ServerFacts[]) {
  const sum = (of: (server: ServerFacts) => number | null | undefined) => servers.reduce((total, server) => total + (of(server) ?? 0), 0);
  return {
    withSession: sum(({ access }) => access?.withSession),
    replaced: sum(({ access }) => access?.replaced),
    foreignRoute: sum(({ access }) => access?.foreignRoute),
    lines: sum(({ access }) => access?.lines),
  };
}

/** The servers' facts, or none. */
export const serversOf = (evidence: Evidence): readonly ServerFacts[] => factsOf(evidence, 'servers')?.servers ?? [];
