/** How much of the trouble a cause explains, and so how sure it can be said to be. Pure. */
import { leastOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf, type Source } from '../contract/evidence.ts';
import { deployAtSign, notRolled } from '../trouble/changes.ts';
import { areMany, type Cell, type Channel, type ChannelName, excessOf, isTroubled } from '../trouble/channels.ts';
import { sourceOf } from '../trouble/sentences.ts';
import { SHORTEST_LIFE_SECONDS, shortLives } from '../trouble/sessions.ts';
import { failoversOf, LINES_OF_STORE, nodesOf, servesWrites } from '../trouble/store-health.ts';
import { BEFORE_SIGN_MS, firstAfter, SAME_MS } from '../trouble/traces.ts';
import { hurtingChannels, isEarlier, onsetOf, type Trouble, troubleOf } from '../trouble/trouble.ts';
import { firstLineMs } from './facts/in-trouble.ts';
import { cutOffServers, wayWasCut } from './facts/reach.ts';
import { type Explains, GROUPS, type JudgedRow, type Row, type Time } from './judged.ts';

const OF_AWS: readonly Source[] = ['balancer', 'traffic', 'storeGroup', 'scaling', 'changes'];

const kindOf = (source: Source): Source | 'aws' => (OF_AWS.includes(source) ? 'aws' : source);

export interface Share {
  readonly channel: ChannelName;
  /** The part of the excess that the cause covers, from 0 to 1: at least, and at most where some of it is not known. */
  readonly least: number;
  readonly most: number;
  /** The trouble began when the cause did. */
  readonly isInTime: boolean;
  /** Ten were hurt, or nearly all. */
  readonly areMany: boolean;
}

/** A cause explains the trouble from here on; below, it is a part of it, and below the last it is not named. */
const CERTAIN_SHARE = 0.8;
const LIKELY_SHARE = 0.5;
const NAMED_SHARE = 0.2;

/** Of each channel of people that is in trouble, and that the cause claims. @param needsSinceMs since when its needs are so */
export function sharesOf(
  { explains: { in: groups, covers = () => true, time } }: Pick<Row, 'explains'>,
  evidence: Evidence,
  needsSinceMs?: number,
  { channels }: Trouble = troubleOf(evidence),
): readonly Share[] {
  const began = time?.(evidence) ?? (needsSinceMs === undefined ? undefined : { fromMs: needsSinceMs, untilMs: evidence.toMs });
  const claimed = new Set<ChannelName>(groups.flatMap((group) => GROUPS[group]));
  return [...claimed].flatMap((name) => {
    const channel = channels[name];
    if (!isTroubled(channel)) return [];
    const [all, byCovered] = [excessOf(channel), Map.groupBy(channel.cells, (cell) => covers(cell, evidence, name))];
    const part = (isCovered: boolean | null) => excessOf({ cells: byCovered.get(isCovered) ?? [] }) / Math.max(1, all);
    const least = part(true);
    const most = least + part(null);
    return [{ channel: name, least, most, areMany: areMany(channel), isInTime: isInTime(channel, began, evidence) }];
  });
}

/** Errors hurt most, and some of them are of the cause; false: of another. Undefined where something else hurts most. */
export function explainsErrors(row: Pick<Row, 'explains'>, evidence: Evidence): boolean | undefined {
  const [worst] = hurtingChannels(troubleOf(evidence));
  if (worst?.name !== 'errors' && worst?.name !== 'balancerErrors') return undefined;
  return sharesOf(row, evidence).some(({ channel, most }) => channel === worst.name && most > 0);
}

/** What has no onset of its own, as what the canary lost, began when the first sign of it came, or within an alarm's delay before. */
function isInTime({ onset, state }: Channel, time: Time, { firstSignMs }: Evidence): boolean {
  if (time === undefined) return false;
  if (time === 'before') return state === 'chronic' || onset === 'before' || onset === null;
  if (onset === 'before') return false;
  const [first, last] = onset === null ? [firstSignMs - BEFORE_SIGN_MS, firstSignMs] : [onset, onset];
  return last >= time.fromMs - SAME_MS && first <= time.untilMs + SAME_MS;
}

const isNew = ({ state, onset }: Channel): boolean => state === 'acute' && onset !== null;

/** `certain`: it explains all of it, and two witnesses of different kinds show it. `likely`: most of it. `part`: less. `none`: next to nothing. */
export type Reach = 'certain' | 'likely' | 'part' | 'none';

/** How sure a cause whose needs hold can be said to be, by what it explains. */
export function reachOf({ row, needs }: Pick<JudgedRow, 'row' | 'needs'>, evidence: Evidence): Reach {
  const { explains, runbook } = row;
  const trouble = troubleOf(evidence);
  const hurt = hurtingChannels(trouble).filter(({ channel }) => !isEarlier(channel, evidence.firstSignMs));
  const all = sharesOf({ explains }, evidence, leastOf(needs.flatMap(({ sinceMs }) => sinceMs ?? [])), trouble);
  const shares = all.filter(({ channel }) => hurt.some(({ name }) => name === channel));
  const kinds = [...needs.flatMap(({ source, others = [] }) => [source, ...others]), ...all.map(({ channel }) => sourceOf(channel))];
  const isSeenTwice = new Set(kinds.map(kindOf)).size > 1;
  if (hurt.length === 0) return isSeenTwice ? 'certain' : 'likely';
  const isWhole =
    isSeenTwice &&
    shares.length === hurt.length &&
    shares.every(({ channel, least, most }) => (channel === 'lost' ? least : most) >= CERTAIN_SHARE) &&
    shares.some(({ least }) => least >= CERTAIN_SHARE) &&
    shares.some(({ areMany }) => areMany);
  // What fills a store is one thing, and what hurts people meanwhile can be another.
  if (runbook === 'session-explosion') return 'likely';
  // What goes on since before the cause is another trouble; sessions that were lost since can still be of it.
  const began = explains.time?.(evidence);
  const isOlder = typeof began === 'object' && typeof hurt[0]?.channel.onset === 'number' && hurt[0].channel.onset < began.fromMs - SAME_MS;
  const lead = shares.find(({ channel }) => channel === (isOlder && isTroubled(trouble.channels.lost) ? 'lost' : hurt[0]?.name));
  const most = lead?.most ?? 0;
  // Lost sessions are the victims themselves: who covers none of them explains no other channel.
  if (shares.some((share) => share.channel === 'lost' && share.most === 0)) return 'none';
  // What is as old as what was looked at does not explain what began: it is as ever.
  if (began === 'before' && hurt.some(({ channel }) => isNew(channel))) return 'part';
  if (most < LIKELY_SHARE) return most < NAMED_SHARE && lead !== undefined ? 'none' : 'part';
  return isWhole && lead?.isInTime && began !== 'before' ? 'certain' : 'likely';
}

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

const isWithin = ({ minuteMs }: Cell, time: Time, comesBackMs = COMES_BACK_MS): boolean | null => {
  if (time === undefined || minuteMs === undefined) return null;
  return time === 'before' || (minuteMs >= time.fromMs - MINUTE_MS && minuteMs <= time.untilMs + comesBackMs);
};

/** What a change ended, in its time: no session that began after it, and none that an untouched server refuses although it knew it. */
function endedBy(timeOf: (evidence: Evidence) => Time, untouchedBy: (evidence: Evidence) => readonly string[] | undefined) {
  return (cell: Cell, evidence: Evidence, channel: ChannelName): boolean | null => {
    const [time, untouched, { session }] = [timeOf(evidence), untouchedBy(evidence), cell];
    const covered = isWithin(cell, time);
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

export const endedByDeploy = endedBy(ofDeploy, notRolled);

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
  if (times.some((time) => isWithin(cell, time, 0))) return true;
  // What users miss when it is over can have been lost just after it as well.
  return times.some((time, at) => isWithin(cell, time, hasKept && at === times.length - 1 ? 0 : SOON_MS)) ? null : false;
}
