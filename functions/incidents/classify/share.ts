/** How much of the trouble a cause explains, and so how sure it can be said to be. Pure. */
import { leastOf } from '../../shared/arithmetic.ts';
import type { Evidence, Source } from '../contract/evidence.ts';
import { areMany, type Channel, type ChannelName, excessOf, isTroubled } from '../trouble/channels.ts';
import { sourceOf } from '../trouble/sentences.ts';
import { BEFORE_SIGN_MS, SAME_MS } from '../trouble/traces.ts';
import { hurtingChannels, isEarlier, type Trouble, troubleOf } from '../trouble/trouble.ts';
import { GROUPS, type Time } from './explains.ts';
import type { JudgedRow, Row } from './judge-row.ts';

const OF_AWS: readonly Source[] = ['balancer', 'traffic', 'storeGroup', 'scaling', 'changes'];

/**
 * Sources of one kind can be wrong together, as all of AWS's own. The store's content is read by different functions at different times:
 * for an incident, each minute, and by sweeps.
 */
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

/**
 * How sure a cause whose needs hold can be said to be, by what it explains. Where nobody is hurt there is nothing to explain: then what the
 * store shows is enough.
 */
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
  if (runbook === 'session-explosion') return isWhole ? 'certain' : 'likely';
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
