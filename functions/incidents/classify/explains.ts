/** Which part of the trouble each cause can explain: in which channels, at which servers, and since when. Pure. */
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { deployAtSign, endedAfterDeploy, notRolled } from '../trouble/changes.ts';
import { type Cell, type ChannelName, excessOf, isTroubled } from '../trouble/channels.ts';
import { SHORTEST_LIFE_SECONDS, shortLives } from '../trouble/lives.ts';
import { failoversOf } from '../trouble/store-away.ts';
import { LINES_OF_STORE, nodesOf, servesWrites } from '../trouble/store-channels.ts';
import { BEFORE_SIGN_MS, firstAfter, SAME_MS } from '../trouble/traces.ts';
import { onsetOf, troubleOf } from '../trouble/trouble.ts';
import { firstLineMs } from './facts/in-trouble.ts';
import { cutOffServers, wayWasCut } from './facts/reach.ts';

/** When a cause can have begun to hurt, and until when; `before`: it is as old as what was looked at. */
export type Time = { readonly fromMs: number; readonly untilMs: number } | 'before' | undefined;

export interface Explains {
  /** Where it shows. */
  readonly in: readonly (keyof typeof GROUPS)[];
  /** Undefined: the evidence does not show when it began. @default since its needs are so */
  readonly time?: (evidence: Evidence) => Time;
  /** Whether what was in a cell is of the cause; null: unknown. @default what was in its time, or later */
  readonly covers?: (cell: Cell, evidence: Evidence, channel: ChannelName) => boolean | null;
}

export const GROUPS = {
  sessions: ['lost', 'redirects', 'refusals', 'canary', 'vain'],
  /** Where sessions are not known, some applications answer with an error. */
  errors: ['errors', 'balancerErrors'],
  store: ['refusedWrites'],
  memory: ['memory', 'refusedWrites'],
  returns: ['returns'],
  front: ['balancerRefusals'],
  signIns: ['signIns'],
} as const satisfies Readonly<Record<string, readonly ChannelName[]>>;

const MINUTE_MS = 60_000;
/** Each of them can be sent on twice; more redirects than so many times as many are of something else. */
const MOST_OF_THEM = 3;
/** Sessions that a deploy or a replacement ended are missed when their users come back. */
const COMES_BACK_MS = 15 * MINUTE_MS;
/** What a failover took is missed at the next requests. */
const SOON_MS = 3 * MINUTE_MS;
const LONGEST_FAILOVER_MS = 2 * MINUTE_MS;

/** A setting: since the release that brought it, where one came with the trouble; else it is as old as what was looked at. */
function ofSetting(evidence: Evidence): Time {
  const deploy = deployAtSign(evidence);
  return deploy && deploy.restart === undefined && deploy.from !== deploy.to ? ofDeploy(evidence) : 'before';
}

/** Since the first line about the store, or minutes before the alarm fired. Lines that are as ever begin nothing. */
export const ofStoreErrors = (evidence: Evidence): Time => {
  const { storeErrors, reach, nodes } = troubleOf(evidence).channels;
  if ('state' in storeErrors && storeErrors.state === 'chronic' && !isTroubled(reach) && !isTroubled(nodes)) return 'before';
  const fromMs = firstLineMs(evidence, LINES_OF_STORE);
  return fromMs === undefined
    ? { fromMs: evidence.firstSignMs - BEFORE_SIGN_MS, untilMs: evidence.firstSignMs }
    : { fromMs, untilMs: evidence.toMs };
};

/** In its time, and until users of then have come back. */
const isInTime = ({ minuteMs }: Cell, time: Time, comesBackMs = COMES_BACK_MS): boolean | null => {
  if (time === undefined || minuteMs === undefined) return null;
  return time === 'before' || (minuteMs >= time.fromMs - MINUTE_MS && minuteMs <= time.untilMs + comesBackMs);
};

/**
 * What a change ended, in its time: no session that began after it, and none that an untouched server refuses although it knew it. Others
 * of untouched servers alone can be the change's by what these share.
 */
function endedBy(timeOf: (evidence: Evidence) => Time, untouchedBy: (evidence: Evidence) => readonly string[] | undefined) {
  return (cell: Cell, evidence: Evidence, channel: ChannelName): boolean | null => {
    const [time, untouched, { session }] = [timeOf(evidence), untouchedBy(evidence), cell];
    const covered = isInTime(cell, time);
    if (covered !== true || typeof time !== 'object') return covered;
    // What goes on since before the change is not of it.
    if (session === undefined) return (onsetOf(evidence, channel) ?? time.fromMs) >= time.fromMs - SAME_MS;
    if (session.begins && firstAfter(session, time.untilMs)) return false;
    const { knownBy, lostAt } = session;
    if (knownBy.includes(lostAt) && untouched?.includes(lostAt)) return false;
    // Ids that no server's log shows as its own can be invented.
    return knownBy.length === 0 || (untouched !== undefined && [...knownBy, lostAt].every((id) => untouched.includes(id))) ? null : true;
  };
}

/** Servers that are cut off, or all of them where the way was. */
export const ofCutOff = ({ server }: Cell, evidence: Evidence): boolean | null => {
  if (wayWasCut(evidence).truth === true) return true;
  return server === undefined ? null : cutOffServers(evidence).includes(server);
};

function ofDeploy(evidence: Evidence): Time {
  const deploy = deployAtSign(evidence);
  return deploy && { fromMs: deploy.startedAtMs, untilMs: deploy.finishedAtMs ?? evidence.toMs };
}

/** What came since servers ended after it is of them. */
export function endedByDeploy(cell: Cell, evidence: Evidence, channel: ChannelName): boolean | null {
  const endedMs = endedAfterDeploy(evidence) ?? Number.POSITIVE_INFINITY;
  return (cell.minuteMs ?? 0) >= endedMs - MINUTE_MS ? false : endedBy(ofDeploy, notRolled)(cell, evidence, channel);
}

function ofReplacement(evidence: Evidence): Time {
  const { firstTerminationMs: fromMs, lastTerminationMs: untilMs } = factsOf(evidence, 'scaling') ?? {};
  return fromMs === undefined || untilMs === undefined ? undefined : { fromMs, untilMs };
}

const stayed = (evidence: Evidence) =>
  factsOf(evidence, 'balancer')?.targets.flatMap(({ state, instanceId }) => (state === 'healthy' ? [instanceId] : []));

export const OF_REPLACEMENT: Explains = { in: ['sessions', 'errors'], time: ofReplacement, covers: endedBy(ofReplacement, stayed) };

/** Short lives next to long ones: they came with the trouble. */
export const ofLives = (evidence: Evidence): Time => {
  const dialects = factsOf(evidence, 'store')?.dialects ?? [];
  const someLiveLong = dialects.some(({ livesSeconds }) => (livesSeconds?.p90 ?? 0) >= SHORTEST_LIFE_SECONDS);
  if (shortLives(evidence) === undefined || !someLiveLong) return ofSetting(evidence);
  return { fromMs: onsetOf(evidence, 'lost') ?? evidence.fromMs, untilMs: evidence.toMs };
};

/** Who comes back from another site: since that began, where as many are sent away or refused altogether; else as ever. */
export function ofReturns(evidence: Evidence): Time {
  const { returns, redirects, refusals } = troubleOf(evidence).channels;
  const others = Math.max(...[redirects, refusals].map((channel) => (isTroubled(channel) ? excessOf(channel) : 0)));
  if (!isTroubled(returns) || excessOf(returns) * MOST_OF_THEM < others) return ofSetting(evidence);
  return { fromMs: typeof returns.onset === 'number' ? returns.onset : evidence.fromMs, untilMs: evidence.toMs };
}

/** Since the first of the readings that counted one; `before` where the first of all did. Without any, since writes are refused. */
export function ofEvictions(evidence: Evidence): Time {
  const minutes = factsOf(evidence, 'readings')?.minutes ?? [];
  const first = minutes.findIndex(([, , , , evictions]) => (evictions ?? 0) > 0);
  const atMs = (minutes[first]?.[0] ?? 0) * 1_000;
  const refusedMs = onsetOf(evidence, 'refusedWrites');
  if (first < 0) return refusedMs === undefined ? undefined : { fromMs: refusedMs, untilMs: evidence.toMs };
  return first <= 1 ? 'before' : { fromMs: atMs - MINUTE_MS, untilMs: atMs };
}

/** Nobody knows when it will be over while no primary is there. */
export function whileItFailsOver(cell: Cell, evidence: Evidence): boolean | null {
  if (!nodesOf(evidence).some(servesWrites)) return true;
  // As many sessions as before: what comes after it was not lost by it.
  const { before, after } = factsOf(evidence, 'readings')?.lastFailover ?? {};
  const hasKept = before !== undefined && after !== undefined && after.sessions >= before.sessions;
  const { firstSignMs } = evidence;
  const all = failoversOf(evidence).map((atMs) => ({ fromMs: atMs - LONGEST_FAILOVER_MS, untilMs: atMs }));
  const times = all.length === 0 ? [{ fromMs: firstSignMs - BEFORE_SIGN_MS, untilMs: firstSignMs }] : all;
  if (cell.minuteMs === undefined) return null;
  if (times.some((time) => isInTime(cell, time, 0))) return true;
  // What users miss when it is over can have been lost just after it as well.
  return times.some((time, at) => isInTime(cell, time, hasKept && at === times.length - 1 ? 0 : SOON_MS)) ? null : false;
}
