/** Sessions as all servers' access logs show them together. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { ServerFacts } from '../contract/server-facts.ts';

/** Fewer sessions than these say nothing about a share. */
export const FEWEST_SESSIONS = 5;
/** What is older than this before the first sign belongs to another time: an alarm needs some minutes to fire. */
export const BEFORE_SIGN_MS = 10 * 60_000;
/** Onsets that are no further apart are the same: logs are by the minute, and clocks differ. */
export const SAME_MS = 3 * 60_000;

export interface MergedTrace {
  readonly servers: readonly string[];
  /** Those of `servers` that gave the session out or found it. Where none did, only clients named it, and anybody can invent an id. */
  readonly knownBy: readonly string[];
  readonly routes: readonly string[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly requests: number;
  /** It was sent away, and is named no longer than that log-in takes. */
  readonly lost: boolean;
  /** A server gave it out at `firstMs`, as its log shows. False as well where no log shows its begin. */
  readonly begins: boolean;
  /** That server; undefined where `begins` is false. */
  readonly begunAt?: string | undefined;
  /** It can have come to another server without a trace there: ids that clients invented have filled that server's sample. */
  readonly beyond: boolean;
  /** The server that sent it away. The login page that follows is served by any of them, while the browser still names the session. */
  readonly lostAt: string;
  /** Its last request at a server, and when, where that was sent away. */
  readonly refusals: readonly { readonly server: string; readonly atMs: number }[];
}

/** Rows ask for them many times. */
const MERGED = new WeakMap<readonly ServerFacts[], { readonly all: readonly MergedTrace[]; readonly known: readonly MergedTrace[] }>();

/** Sessions that were there around the first sign or later, each once, whichever servers saw it. */
export const mergedTraces = (servers: readonly ServerFacts[], firstSignMs: number): readonly MergedTrace[] =>
  tracesOf(servers).all.filter(({ lastMs }) => lastMs >= firstSignMs - BEFORE_SIGN_MS);

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
      const refusals = lost ? [{ server: instanceId, atMs: lastMs }] : [];
      const begunAt = begins ? instanceId : undefined;
      const one = {
        ...{ routes, firstMs, lastMs, requests, lost, begins, begunAt, beyond },
        ...{ servers: here, knownBy, lostAt: instanceId, refusals },
      };
      const seen = merged.get(hash);
      merged.set(hash, seen === undefined ? one : joined(seen, one));
    }
  }
  return [...merged.values()];
}

const joined = (one: MergedTrace, other: MergedTrace): MergedTrace => ({
  ...sentAway([...one.refusals, ...other.refusals], one.lostAt, Math.max(one.lastMs, other.lastMs)),
  servers: [...one.servers, ...other.servers],
  knownBy: [...one.knownBy, ...other.knownBy],
  routes: [...new Set([...one.routes, ...other.routes])],
  firstMs: Math.min(one.firstMs, other.firstMs),
  lastMs: Math.max(one.lastMs, other.lastMs),
  ...beginOf(one, other),
  requests: one.requests + other.requests,
  beyond: one.beyond || other.beyond,
});

/** A session that came to another server earlier did not begin at the server whose log says that it began there. */
function beginOf(one: MergedTrace, other: MergedTrace): Pick<MergedTrace, 'begins' | 'begunAt'> {
  const first = [one, other].find(({ begins, firstMs }) => begins && firstMs <= one.firstMs && firstMs <= other.firstMs);
  return { begins: first !== undefined, begunAt: first?.begunAt };
}

/** Requests so close together are of one log-in. */
const ONE_LOGIN_MS = 60_000;

/** @param lastMs of its last request at any server: the log-in after a refusal names the session too, and is refused nowhere */
function sentAway(refusals: MergedTrace['refusals'], otherwise: string, lastMs: number): Pick<MergedTrace, 'lost' | 'lostAt' | 'refusals'> {
  const refusedMs = Math.max(...refusals.map(({ atMs }) => atMs));
  const ofTheEnd = refusals.filter(({ atMs }) => atMs >= refusedMs - ONE_LOGIN_MS).toSorted((one, other) => one.atMs - other.atMs);
  return { lost: refusedMs >= lastMs - ONE_LOGIN_MS, lostAt: ofTheEnd[0]?.server ?? otherwise, refusals };
}

/** Clocks of servers and of Auto Scaling differ a little, and a server that begins to end can still answer. */
const SURELY_AFTER_MS = 60_000;

/** It was first named so long after that it can have begun after. */
export const firstAfter = ({ firstMs }: MergedTrace, atMs: number): boolean => firstMs > atMs + SURELY_AFTER_MS;

const MINUTE_MS = 60_000;

/** One who is there makes the next request within this time, nearly always. */
const NEXT_MS = 3 * MINUTE_MS;

/** Sessions that requests named shortly before a time, and how many of them were refused, or named again well after it. */
export function namedAround(servers: readonly ServerFacts[], atMs: number): { readonly there: number; readonly after: number } {
  const endMs = Math.max(...servers.flatMap(({ access }) => access?.toMs ?? []));
  if (endMs < atMs + 3 * MINUTE_MS + NEXT_MS) return { there: 0, after: 0 };
  const there = knownTraces(servers, Number.NEGATIVE_INFINITY).filter(
    ({ firstMs, lastMs }) => firstMs < atMs - MINUTE_MS && lastMs >= atMs - 3 * MINUTE_MS,
  );
  return { there: there.length, after: there.filter(({ lastMs, lost }) => lost || lastMs > atMs + 3 * MINUTE_MS).length };
}

/** Several servers saw it, or its id got another route. */
export const hasMoved = ({ servers, routes }: MergedTrace): boolean => servers.length > 1 || routes.length > 1;

/** Known ones with requests enough to show whether they move. */
export const followedTraces = (servers: readonly ServerFacts[], firstSignMs: number): readonly MergedTrace[] =>
  knownTraces(servers, firstSignMs).filter(({ requests, beyond }) => requests >= 2 && !beyond);

/** Where one session in five moves, none of so many does once in thirty times. */
const FEWEST_THAT_STAY = 15;
/** One that was used for less had no time to move. */
const TIME_TO_MOVE_MS = MINUTE_MS;

/** Of the sessions that began after a time, none of the last moved, and not most of all: whatever moved those of before does not go on. */
export function laterOnesStay(servers: readonly ServerFacts[], atMs: number): boolean {
  const begun = followedTraces(servers, atMs)
    .filter((one) => firstAfter(one, atMs) && (hasMoved(one) || one.lastMs - one.firstMs >= TIME_TO_MOVE_MS))
    .toSorted((one, other) => one.firstMs - other.firstMs);
  const last = begun.slice(-FEWEST_THAT_STAY);
  return last.length === FEWEST_THAT_STAY && !last.some(hasMoved) && begun.filter(hasMoved).length * 2 < begun.length;
}

/** Agents of people (native apps are among browsers); a log without agents shows none. */
const PEOPLE: readonly string[] = ['browser', 'unknown'];
/** Who began a session so shortly before the end of the logs can still come back to it. */
const JUST_BEGUN_MS = 2 * MINUTE_MS;

/** Sessions that servers began; of those that were sampled, how many a later request named. */
export function newSessions(servers: readonly ServerFacts[]) {
  const created = servers.flatMap(({ access }) => Object.entries(access?.created?.byAgent ?? {}));
  const count = (of: (agent: string) => boolean) => sumOf(created, ([agent, made]) => (of(agent) ? made : 0));
  const endMs = Math.max(...servers.flatMap(({ access }) => access?.toMs ?? []));
  const begun = knownTraces(servers, Number.NEGATIVE_INFINITY).filter(({ begins, firstMs }) => begins && firstMs < endMs - JUST_BEGUN_MS);
  return {
    byPeople: count((agent) => PEOPLE.includes(agent)),
    byMachines: count((agent) => !PEOPLE.includes(agent)),
    withoutAgent: count((agent) => agent === 'unknown'),
    sampled: begun.length,
    usedAgain: begun.filter(({ requests }) => requests > 0).length,
  };
}

export const allLogsRead = (servers: readonly ServerFacts[], complete: boolean): boolean =>
  complete && servers.length > 0 && servers.every(({ access, gap }) => access !== undefined && !access.partial && gap === undefined);

/** The logs show the session that each request ended with: otherwise a page that anybody gets looks as if the server knew the id. */
export const logsShowAnswered = (servers: readonly ServerFacts[]): boolean =>
  servers.every(({ access }) => access === undefined || (access.showsAnswered && access.replaced !== null));

export function requestsWithSession(servers: readonly ServerFacts[]) {
  const sum = (of: (server: ServerFacts) => number | null | undefined) => sumOf(servers, (server) => of(server) ?? 0);
  return {
    withSession: sum(({ access }) => access?.withSession),
    replaced: sum(({ access }) => access?.replaced),
    foreignRoute: sum(({ access }) => access?.foreignRoute),
    lines: sum(({ access }) => access?.lines),
  };
}

/** When the window begins, or the access logs, if most of them begin later: a server launched meanwhile does not shorten the others'. */
export function logsBeginMs(evidence: Evidence): number {
  const begins = serversOf(evidence).flatMap(({ access }) => access?.fromMs ?? []);
  return Math.max(evidence.fromMs, begins.toSorted((one, other) => one - other)[Math.floor((begins.length - 1) / 2)] ?? 0);
}

export const serversOf = (evidence: Evidence): readonly ServerFacts[] => factsOf(evidence, 'servers')?.servers ?? [];
