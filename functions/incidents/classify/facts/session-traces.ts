/** Sessions as all servers' access logs show them together. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { factsOf, firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';

/** Fewer sessions than these say nothing about a share. */
export const FEWEST_SESSIONS = 5;
/** A share of sessions that moves is no accident from here on; below the other, it is none at all. */
const MOVE_PERCENT = 5;
/** What is older than this before the first sign belongs to another time: an alarm needs some minutes to fire. */
export const BEFORE_SIGN_MS = 10 * 60_000;

export interface MergedTrace {
  readonly servers: readonly string[];
  /** Those of `servers` that gave the session out or found it. Where none did, only clients named it, and anybody can invent an id. */
  readonly knownBy: readonly string[];
  readonly routes: readonly string[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly requests: number;
  readonly lost: boolean;
  /** A server gave it out at `firstMs`, as its log shows. False as well where no log shows its begin. */
  readonly begins: boolean;
  /** It can have come to another server without a trace there: ids that clients invented have filled that server's sample. */
  readonly beyond: boolean;
  /** The server of its last request. */
  readonly lastAt: string;
}

/** Rows ask for them many times. */
const MERGED = new WeakMap<readonly ServerFacts[], { readonly all: readonly MergedTrace[]; readonly known: readonly MergedTrace[] }>();

/** Sessions that were there around the first sign or later, each once, whichever servers saw it. */
export const mergedTraces = (servers: readonly ServerFacts[], firstSignMs: number): readonly MergedTrace[] =>
  tracesOf(servers).all.filter(({ lastMs }) => lastMs >= firstSignMs - BEFORE_SIGN_MS);

/** Those of them that a server gave out or found. */
export const knownTraces = (servers: readonly ServerFacts[], firstSignMs: number): readonly MergedTrace[] =>
  tracesOf(servers).known.filter(({ lastMs }) => lastMs >= firstSignMs - BEFORE_SIGN_MS);

function tracesOf(servers: readonly ServerFacts[]) {
  const cached = MERGED.get(servers);
  if (cached !== undefined) return cached;
  const all = merge(servers);
  const traces = { all, known: all.filter(({ knownBy }) => knownBy.length > 0) };
  MERGED.set(servers, traces);
  return traces;
}

function merge(servers: readonly ServerFacts[]): readonly MergedTrace[] {
  const merged = new Map<string, MergedTrace>();
  for (const { instanceId, access } of servers) {
    const here = [instanceId];
    for (const [hash, { unknown, lost = false, begins = false, beyond = false, routes, firstMs, lastMs, requests }] of Object.entries(
      access?.sessions ?? {},
    )) {
      const knownBy = unknown ? [] : here;
      const one = { routes, firstMs, lastMs, requests, lost, begins, beyond, servers: here, knownBy, lastAt: instanceId };
      const seen = merged.get(hash);
      merged.set(hash, seen === undefined ? one : joined(seen, one));
    }
  }
  return [...merged.values()];
}

const joined = (one: MergedTrace, other: MergedTrace): MergedTrace => ({
  // Its last request shows how the session ended.
  ...(other.lastMs >= one.lastMs ? other : one),
  servers: [...one.servers, ...other.servers],
  knownBy: [...one.knownBy, ...other.knownBy],
  routes: [...new Set([...one.routes, ...other.routes])],
  firstMs: Math.min(one.firstMs, other.firstMs),
  // A session that came to another server earlier did not begin at the server whose log says that it began there.
  begins: (one.begins && one.firstMs <= other.firstMs) || (other.begins && other.firstMs <= one.firstMs),
  requests: one.requests + other.requests,
  beyond: one.beyond || other.beyond,
});

/** Clocks of servers and of Auto Scaling differ a little, and a server that begins to end can still answer. */
const SURELY_AFTER_MS = 60_000;

/** It was first named so long after that it can have begun after. */
export const firstAfter = ({ firstMs }: MergedTrace, atMs: number): boolean => firstMs > atMs + SURELY_AFTER_MS;

/** Every server's access log was read, whole. */
export const allLogsRead = (servers: readonly ServerFacts[], complete: boolean): boolean =>
  complete && servers.length > 0 && servers.every(({ access, gap }) => access !== undefined && !access.partial && gap === undefined);

/** The logs show the session that each request ended with: otherwise a page that anybody gets looks as if the server knew the id. */
export const logsShowAnswered = (servers: readonly ServerFacts[]): boolean =>
  servers.every(({ access }) => access === undefined || (access.showsAnswered && access.replaced !== null));

const areMany = (some: readonly MergedTrace[], seen: readonly MergedTrace[]): boolean =>
  some.length >= FEWEST_SESSIONS && some.length * 100 >= seen.length * MOVE_PERCENT;

const withoutServer = (trace: MergedTrace, instanceId: string): MergedTrace => ({
  ...trace,
  servers: trace.servers.filter((id) => id !== instanceId),
  knownBy: trace.knownBy.filter((id) => id !== instanceId),
});

/**
 * Whether there are still many sessions without what any one server alone claims: that it knows a session, or that it does not. With two
 * servers, each session that moves needs the claims of both; then only those are left out that one of them alone claims to know, because a
 * client can send such an id to the other one.
 */
const areManyWithoutOne = (seen: readonly MergedTrace[], servers: readonly ServerFacts[], isSo: (trace: MergedTrace) => boolean): boolean =>
  servers.every(({ instanceId }) => {
    const claimed = seen.filter(({ knownBy }) => knownBy.some((id) => id !== instanceId));
    const others = servers.length > 2 ? claimed.map((trace) => withoutServer(trace, instanceId)) : claimed;
    return areMany(
      others.filter((trace) => trace.servers.length > 1 && isSo(trace)),
      seen,
    );
  });

function judgeMoves(evidence: Evidence, isSo: (trace: MergedTrace) => boolean, what: string): Judged {
  return judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const seen = knownTraces(servers, evidence.firstSignMs).filter(({ requests, beyond }) => requests >= 2 && !beyond);
    const found = seen.filter(isSo);
    const whole = allLogsRead(servers, complete);
    const text = `${found.length} of ${seen.length} sampled sessions ${what}`;
    if (areMany(found, seen))
      return firmIf(whole && logsShowAnswered(servers) && areManyWithoutOne(seen, servers, isSo), yes('servers', text));
    // Other visitors, who need not be users, make a share as small as they like.
    if (found.length >= FEWEST_SESSIONS)
      return open('servers', `${text}: too few to say that sessions change servers, and too many for none`);
    return whole && seen.length >= FEWEST_SESSIONS
      ? no('servers', text)
      : open('servers', 'access logs: too few sessions, or not of every server, to see whether sessions change servers');
  });
}

/** Sessions whose requests go to more than one server, or whose id got another route. */
export const sessionsMove = (evidence: Evidence): Judged =>
  judgeMoves(evidence, ({ servers, routes }) => servers.length > 1 || routes.length > 1, 'were served by more than one server');

/** Sessions that one server knew, and that came to another one which did not: there they are lost. */
export const sessionsStray = (evidence: Evidence): Judged =>
  judgeMoves(evidence, ({ servers, knownBy }) => servers.length > knownBy.length, 'came to a server that did not know them');

/** Over all servers whose log shows it. */
export function requestsWithSession(servers: readonly ServerFacts[]) {
  const sum = (of: (server: ServerFacts) => number | null | undefined) => sumOf(servers, (server) => of(server) ?? 0);
  return {
    withSession: sum(({ access }) => access?.withSession),
    replaced: sum(({ access }) => access?.replaced),
    foreignRoute: sum(({ access }) => access?.foreignRoute),
    lines: sum(({ access }) => access?.lines),
  };
}

/** The servers' facts, or none. */
export const serversOf = (evidence: Evidence): readonly ServerFacts[] => factsOf(evidence, 'servers')?.servers ?? [];
