/** What trouble shows in, and how much of it. */
import { medianOf, sumOf } from '../../shared/arithmetic.ts';
import type { TrafficMinute } from '../contract/evidence.ts';
import type { MergedTrace } from './traces.ts';

/** What people notice: responses of the servers (`redirects` without 304, `refusals` 4xx without 404, `errors` 5xx) and of the load balancer, and sessions. */
export const CHANNELS_OF_PEOPLE = [
  ...(['lost', 'redirects', 'refusals', 'errors', 'balancerRefusals', 'balancerErrors', 'signIns', 'vain', 'returns'] as const),
  ...(['logins', 'requests', 'canary', 'refusedWrites'] as const),
] as const;
/** `nodes`: shards without a primary; `reach`: servers without the store by their own words; the last two are lines of servers' logs. */
export const CHANNELS_OF_STORE = ['evictions', 'memory', 'nodes', 'reach', 'storeErrors', 'sessionErrors'] as const;
export type ChannelName = (typeof CHANNELS_OF_PEOPLE)[number] | (typeof CHANNELS_OF_STORE)[number];

/** Where a part of the excess was. */
export interface Cell {
  /** Absent where only a sum over some minutes is known. */
  readonly minuteMs?: number;
  readonly server?: string;
  /** Which session was lost: of the channel `lost`. */
  readonly session?: MergedTrace;
  /** More than usual, in what the channel counts. */
  readonly excess: number;
}

export interface Channel {
  /** `acute`: more than usual. `chronic`: too much, and as old as what was looked at. */
  readonly state: 'acute' | 'chronic' | 'usual';
  readonly cells: readonly Cell[];
  /** Of how many, in the time of the trouble: requests, sessions, lines; the excess is a part of these. */
  readonly of: number;
  /** The usual share, from 0 to 1; null: nothing to compare with. */
  readonly usual: number | null;
  readonly usualFrom: 'hour' | 'days' | 'none';
  readonly onset: number | 'before' | null;
  /** The last minute of the trouble, where it is over. */
  readonly untilMs?: number;
  /** As many requests as before are answered well, and what is not comes on top. */
  readonly isOnTop?: true;
  /** A step beyond what is usual, which hurts people only perhaps. */
  readonly isPerhaps?: true;
}

/** `gap`: why the channel cannot be read, as a noun; `notInstalled`: the installation does not have it. */
export type Gap = { readonly gap: string };

export type Channels = { readonly [Name in ChannelName]: Channel | Gap };

/** Nothing to compare with, and nothing that is too much. */
export const quietChannel = (of: number): Channel => ({ state: 'usual', cells: [], of, usual: null, usualFrom: 'none', onset: null });

export const excessOf = ({ cells }: Pick<Channel, 'cells'>): number => sumOf(cells, ({ excess }) => excess);

export const isTroubled = (channel: Channel | Gap): channel is Channel => 'state' in channel && channel.state !== 'usual';

const FEWEST_VICTIMS = 10;
const NEARLY_ALL = 0.9;

/** Ten are hurt, or nearly all: fewer can be an accident. */
export const areMany = (channel: Channel): boolean => excessOf(channel) >= FEWEST_VICTIMS || excessOf(channel) >= channel.of * NEARLY_ALL;

export const isChronic = (channel: Channel | Gap): boolean => 'state' in channel && channel.state === 'chronic';

/** Requests of which the load balancer found no target are in none of the target group's counts. */
export const allOf = ({ requests, elb4xx, elb5xx }: Pick<TrafficMinute, 'requests' | 'elb4xx' | 'elb5xx'>): number =>
  requests + elb4xx + elb5xx;

export type Minute = { readonly minuteMs: number; readonly count: number; readonly of: number };

export interface SeriesInput {
  /** Oldest first; minutes without anything may be absent. */
  readonly minutes: readonly Minute[];
  /** The first sign: what is more than ten minutes older is usual, unless other days say otherwise. */
  readonly firstSignMs: number;
  readonly toMs: number;
  /** The same hour of other days. */
  readonly days?: readonly Pick<Minute, 'count' | 'of'>[] | undefined;
  /** From this share on it is trouble even if it is usual; absent: what is usual is none. */
  readonly bad?: number | undefined;
  /** So much more than the usual share is the least that counts. @default 0.01 */
  readonly least?: number;
  /** Fewer before say nothing about what is usual. @default 50 */
  readonly fewestOf?: number;
}

const MINUTE_MS = 60_000;
/** An alarm fires some minutes after the trouble has begun. */
const MARGIN_MS = 10 * MINUTE_MS;
/** Fewer requests say nothing about a share. */
const FEWEST_OF = 50;
/** Fewer than these are an accident. */
export const FEWEST_EXCESS = 5;
/** One in a hundred more than usual is the least that counts. */
const LEAST_SHARE = 0.01;
/** A trouble that paused for so long is another one. */
const PAUSE_MS = 6 * MINUTE_MS;
/** What was over for so long, by the latest minute that is known, is over. */
const OVER_MS = 4 * MINUTE_MS;
/** And so many more would have come by now if it went on as it was, of which no more than this part did. */
const FEWEST_MISSED = 3;
const FEW_SINCE = 1 / 4;
const MANY_MISSED = 20;
/** Parts of the hour are compared with each other by so much. */
const PART_MS = 5 * MINUTE_MS;

const shareOf = ({ count, of }: Pick<Minute, 'count' | 'of'>): number => (of === 0 ? 0 : count / of);

function usualOf({ minutes, firstSignMs, days = [], fewestOf = FEWEST_OF }: SeriesInput): Pick<Channel, 'usual' | 'usualFrom'> {
  const known = days.filter(({ of }) => of >= FEWEST_OF);
  const usual = medianOf(known.map(shareOf));
  if (usual !== undefined) return { usual, usualFrom: 'days' };
  const before = minutes.filter(({ minuteMs }) => minuteMs < firstSignMs - MARGIN_MS);
  if (sumOf(before, ({ of }) => of) < fewestOf) return { usual: null, usualFrom: 'none' };
  const parts = Map.groupBy(before, ({ minuteMs }) => Math.floor(minuteMs / PART_MS));
  const shares = [...parts.values()].map((part) => shareOf(total(part))).toSorted((a, b) => a - b);
  // The trouble can have begun well before the alarm, and can come and go; what is rare is in few of the parts.
  const quiet = shares[Math.floor((shares.length - 1) / 3)] ?? 0;
  return { usual: Math.max(quiet, shareOf(total(before)) / 3), usualFrom: 'hour' };
}

const total = (minutes: readonly Minute[]) => ({ count: sumOf(minutes, ({ count }) => count), of: sumOf(minutes, ({ of }) => of) });

/** Five minutes at a time: one alone has too few requests on a quiet site. Three times the spread of such a count is no accident. */
function isExcess(around: readonly Minute[], usual: number, least: number): boolean {
  const { count, of } = total(around);
  const expected = usual * of;
  return count - expected >= Math.max(2 + 3 * Math.sqrt(expected), least * of);
}

type CellsOf = (troubled: readonly Minute[], usual: number) => readonly Cell[];

/** What of a series is too much. Null: there is nothing to compare it with, and it is not bad by itself. */
export function channelOf(input: SeriesInput, cellsOf: CellsOf = plainCells): Channel | null {
  const { minutes, bad, least = LEAST_SHARE } = input;
  const { usual, usualFrom } = usualOf(input);
  const whole = total(minutes);
  const troubled = minutes.filter(
    (minute, at) => isExcess(minutes.slice(Math.max(0, at - 2), at + 3), usual ?? 0, least) && minute.count > (usual ?? 0) * minute.of,
  );
  const more = usual === null ? undefined : excessive(input, troubled, { usual, usualFrom }, cellsOf);
  if (more !== undefined) return more;
  const isBad = bad !== undefined && whole.count >= FEWEST_EXCESS && shareOf(whole) >= bad;
  if (isBad) return { state: 'chronic', onset: 'before', cells: cellsOf(minutes, 0), of: whole.of, usual, usualFrom };
  const isKnown = usual !== null || (bad !== undefined && whole.of >= FEWEST_OF);
  return isKnown ? { state: 'usual', cells: [], of: whole.of, usual, usualFrom, onset: null } : null;
}

/** The channel of the minutes with more than usual; undefined where that can be an accident. */
function excessive(
  { minutes, toMs, least = LEAST_SHARE }: SeriesInput,
  troubled: readonly Minute[],
  { usual, usualFrom }: Pick<Channel, 'usualFrom'> & { readonly usual: number },
  cellsOf: CellsOf,
): Channel | undefined {
  const cells = cellsOf(troubled, usual);
  if (sumOf(cells, ({ excess }) => excess) < FEWEST_EXCESS) return undefined;
  const { beginMs, endMs } = spanOf(troubled);
  const lastMs = Math.max(minutes.at(-1)?.minuteMs ?? 0, toMs - OVER_MS);
  const span = total(minutes.filter(({ minuteMs }) => minuteMs >= beginMs && minuteMs <= endMs));
  const since = minutes.filter(({ minuteMs }) => minuteMs > endMs);
  const moreIn = ({ count, of }: Pick<Minute, 'count' | 'of'>) => count - usual * of;
  // What comes seldom pauses for longer than a while without being over.
  const hasCeased = (fromMs: number, fewest: number): boolean => {
    const expected = (moreIn(span) * (lastMs - fromMs)) / (endMs + MINUTE_MS - beginMs);
    const came = moreIn(total(since.filter(({ minuteMs }) => minuteMs >= fromMs)));
    return expected - came >= fewest && came <= expected * FEW_SINCE;
  };
  // What it leaves behind wears off: of what is rare else, the latter half of the time since shows that it is over.
  const isQuiet = hasCeased(endMs + MINUTE_MS, FEWEST_MISSED) || (usual < least && hasCeased((endMs + lastMs) / 2, MANY_MISSED));
  // It is over where requests came after it, and were answered well.
  const isOver = isQuiet && endMs + OVER_MS < lastMs && since.some(({ minuteMs, of }) => minuteMs > endMs + MINUTE_MS && of > 0);
  const isOld = beginMs <= (minutes[0]?.minuteMs ?? 0) + MINUTE_MS;
  return {
    // Where no other day shows that it was better, what is as old as the series is how it always is.
    state: isOld && usualFrom === 'hour' ? 'chronic' : 'acute',
    ...{ cells, usual, usualFrom, onset: isOld ? 'before' : beginMs, of: span.of },
    ...(isOver && { untilMs: endMs + MINUTE_MS }),
  };
}

/** From the first minute of the trouble on that is a part of it: a few requests long before it are none. */
function spanOf(troubled: readonly Minute[]): { beginMs: number; endMs: number } {
  const most = sumOf(troubled, ({ count }) => count);
  const spans: { minutes: Minute[] }[] = [];
  for (const minute of troubled) {
    const last = spans.at(-1)?.minutes;
    if (last && minute.minuteMs - (last.at(-1)?.minuteMs ?? 0) <= PAUSE_MS) last.push(minute);
    else spans.push({ minutes: [minute] });
  }
  const counts = spans.filter((span) => sumOf(span.minutes, ({ count }) => count) * 10 >= most);
  return { beginMs: beginOf(counts[0]?.minutes ?? [])?.minuteMs ?? 0, endMs: counts.at(-1)?.minutes.at(-1)?.minuteMs ?? 0 };
}

/** Minutes are judged with those around them: what one of these has next to a step has come before it by chance. */
const beginOf = (minutes: readonly Minute[]): Minute | undefined =>
  minutes.find((minute, at) => at >= 2 || shareOf(minute) * 4 >= Math.max(...minutes.slice(at + 1, at + 3).map(shareOf)));

const plainCells = (troubled: readonly Minute[], usual: number): readonly Cell[] =>
  troubled.map(({ minuteMs, count, of }) => ({ minuteMs, excess: count - usual * of }));
