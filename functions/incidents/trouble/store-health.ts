/** What is wrong with the store, as the collector, servers and lines of their logs show it. Pure. */
import type { MinuteSample, StoreReading, WindowSample } from '../../collect/contract.ts';
import { medianOf, sumOf } from '../../shared/arithmetic.ts';
import { clockText } from '../../shared/texts.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { ApplicationCategory } from '../contract/read-logs.ts';
import type { StoreNodeFacts } from '../contract/store-facts.ts';
import { type Channel, type Channels, FEWEST_EXCESS, type Gap } from './channels.ts';
import { BEFORE_SIGN_MS, SAME_MS } from './traces.ts';

/** Lines of the servers' logs about the store, and about sessions that cannot be read. */
export const LINES_OF_STORE = ['storeConnection', 'readOnly', 'outOfMemory'] as const satisfies readonly ApplicationCategory[];
export const LINES_OF_SESSIONS = ['serialization', 'decryption'] as const satisfies readonly ApplicationCategory[];

export const storeChannels = (
  evidence: Evidence,
): Pick<Channels, 'refusedWrites' | 'evictions' | 'memory' | 'nodes' | 'reach' | 'storeErrors' | 'sessionErrors'> => ({
  ...readingChannels(evidence),
  nodes: nodesWithout(evidence),
  reach: serversWithout(evidence),
  storeErrors: errorLines(evidence, LINES_OF_STORE),
  sessionErrors: errorLines(evidence, LINES_OF_SESSIONS),
});

const MINUTE_MS = 60_000;
/** What was over for so long, by readings of each minute, is over. */
const OVER_MS = 4 * MINUTE_MS;
/** The collector reads once a minute: what it knows is of another time after so long. */
const STALE_MS = 15 * MINUTE_MS;
/** A store that is as full as this, or will be within a day, is in trouble: before the thresholds of its own alarms. */
export const TIGHT_PERCENT = 75;
export const SOON_SECONDS = 24 * 3_600;

/** The collector's latest reading, while it is of this trouble. */
export function latestReading(evidence: Evidence): StoreReading | undefined {
  const reading = factsOf(evidence, 'readings')?.reading ?? undefined;
  return reading && reading.takenAtMs >= Math.max(evidence.firstSignMs - BEFORE_SIGN_MS, evidence.toMs - STALE_MS) ? reading : undefined;
}

/** The median of the readings before the first sign, of those that show it. */
export function medianBefore({ sources, firstSignMs }: Evidence, of: (sample: WindowSample) => number | null): number | undefined {
  const before = (factsOf({ sources }, 'readings')?.window ?? []).filter(({ atMs }) => atMs < firstSignMs - BEFORE_SIGN_MS);
  return medianOf(before.flatMap((sample) => of(sample) ?? []));
}

function readingChannels(evidence: Evidence): Pick<Channels, 'refusedWrites' | 'evictions' | 'memory'> {
  const facts = factsOf(evidence, 'readings');
  const reading = facts?.reading;
  if (!facts || !reading || reading.takenAtMs < evidence.toMs - STALE_MS) {
    const gap: Gap = { gap: "the collector's readings" };
    return { refusedWrites: gap, evictions: gap, memory: gap };
  }
  const { takenAtMs, refusedWrites = null, evictions, memoryPercent, secondsUntilFull, keys } = reading;
  const count = (number: number | null, what: string): Channel | Gap =>
    number === null ? { gap: what } : single(takenAtMs, number, Math.max(keys, number), number > 0);
  const isTight = (memoryPercent ?? 0) >= TIGHT_PERCENT || (secondsUntilFull ?? SOON_SECONDS) < SOON_SECONDS;
  return {
    refusedWrites: refusedOf(evidence, facts.minutes) ?? count(refusedWrites, 'writes that were refused since the reading before'),
    evictions: count(evictions, 'keys that were deleted since the reading before'),
    memory: single(takenAtMs, Math.max(1, memoryPercent ?? 0), 100, isTight),
  };
}

/** By the minute, where some were refused since the window began; undefined without any. */
function refusedOf({ fromMs, toMs }: Evidence, minutes: readonly MinuteSample[] = []): Channel | undefined {
  const cells = minutes.flatMap(([atSeconds, , , refused]) =>
    refused !== null && refused > 0 && atSeconds * 1_000 >= fromMs ? [{ minuteMs: atSeconds * 1_000, excess: refused }] : [],
  );
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const isOver = last.minuteMs < toMs - OVER_MS;
  const of = Math.max(...minutes.map(([, , keys]) => keys), 1);
  return { state: 'acute', cells, of, usual: 0, usualFrom: 'hour', onset: first.minuteMs, ...(isOver && { untilMs: last.minuteMs }) };
}

/** @param isTrouble without it the channel is as usual */
const single = (atMs: number, excess: number, of: number, isTrouble: boolean): Channel => ({
  state: isTrouble ? 'acute' : 'usual',
  cells: isTrouble ? [{ minuteMs: Math.floor(atMs / MINUTE_MS) * MINUTE_MS, excess }] : [],
  ...{ of, usual: 0, usualFrom: 'none', onset: null },
});

export const nodesOf = (evidence: Evidence): readonly StoreNodeFacts[] => factsOf(evidence, 'store')?.nodes ?? [];

/** A primary that takes writes, however long it needs for them. */
export const servesWrites = ({ state, role }: StoreNodeFacts): boolean => (state === 'ok' || state === 'slow') && role === 'primary';

function nodesWithout(evidence: Evidence): Channel | Gap {
  const nodes = nodesOf(evidence);
  if (nodes.length === 0) return { gap: 'the nodes of the session store' };
  const shards = Math.max(1, factsOf(evidence, 'storeGroup')?.shards ?? 1);
  const missing = Math.max(0, shards - nodes.filter(servesWrites).length);
  return single(evidence.toMs, missing, shards, missing > 0);
}

function serversWithout(evidence: Evidence): Channel | Gap {
  const servers = (factsOf(evidence, 'servers')?.servers ?? []).filter(({ store }) => store !== undefined);
  if (servers.length === 0) return { gap: "the servers' own view of the store" };
  const without = servers.filter(({ store }) => store?.reachable === false || store?.error !== undefined);
  const cells = without.map(({ instanceId }) => ({ minuteMs: evidence.toMs, server: instanceId, excess: 1 }));
  return { ...single(evidence.toMs, 0, servers.length, without.length > 0), cells };
}

/** Lines of these categories, in the logs that were read. Anybody can fill a log: they hurt nobody by themselves. */
function errorLines(evidence: Evidence, categories: readonly ApplicationCategory[]): Channel | Gap {
  const servers = (factsOf(evidence, 'servers')?.servers ?? []).filter(({ application }) => application !== undefined);
  if (servers.length === 0) return { gap: "the servers' application logs" };
  const cells = servers.flatMap(({ instanceId, application }) =>
    categories.flatMap((category) => {
      const excess = application?.[category] ?? 0;
      return excess === 0 ? [] : [{ minuteMs: application?.firstMs?.[category] ?? evidence.firstSignMs, server: instanceId, excess }];
    }),
  );
  const lines = sumOf(cells, ({ excess }) => excess);
  const firstMs = Math.min(...cells.map(({ minuteMs }) => minuteMs));
  const isOld = firstMs < evidence.fromMs + 2 * MINUTE_MS;
  if (lines < FEWEST_EXCESS) return single(evidence.toMs, 0, lines, false);
  return { state: isOld ? 'chronic' : 'acute', cells, of: lines, usual: 0, usualFrom: 'none', onset: isOld ? 'before' : firstMs };
}

export type Away = { readonly fromMs: number; readonly untilMs: number };

/** A reading is taken each minute; one alone can fail. */
const FEWEST_WITHOUT_MS = 3 * 60_000;

/** Between two readings minutes apart, with lines of servers about it: else the collector can have been away. Oldest first. */
export function awayTimes(evidence: Evidence): readonly Away[] {
  const minutes = factsOf(evidence, 'readings')?.minutes ?? [];
  const linesMs = (factsOf(evidence, 'servers')?.servers ?? []).flatMap(({ application }) =>
    (application?.byMinute?.storeConnection ?? []).map(([minuteMs]) => minuteMs),
  );
  const failoversMs = failoversOf(evidence);
  return minutes.slice(1).flatMap(([afterSeconds], index) => {
    const [fromMs, untilMs] = [(minutes[index]?.[0] ?? 0) * 1_000, afterSeconds * 1_000];
    const isWithin = (atMs: number) => atMs >= fromMs && atMs <= untilMs;
    const isAway = untilMs - fromMs >= FEWEST_WITHOUT_MS && untilMs > evidence.fromMs;
    return isAway && linesMs.some(isWithin) && !failoversMs.some(isWithin) ? [{ fromMs, untilMs }] : [];
  });
}

/** `from 10:00 until 10:23 and from 10:43 until 10:49 UTC` */
export const awayText = (times: readonly Away[]): string =>
  `${times.map(({ fromMs, untilMs }) => `from ${minuteOf(fromMs)} until ${minuteOf(untilMs)}`).join(' and ')} UTC`;
const minuteOf = (atMs: number): string => clockText(atMs).slice(0, 5);

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_TestFailover.html */
export const reportsFailover = (message: string): boolean => /\bfailover\b.{0,200}\bto replica\b.{0,100}\bcompleted?\b/i.test(message);

/** The collector reads once a minute. */
const READ_MS = 60_000;

/** When the latest failover was over, by ElastiCache's event or by the reading that found it. */
export function failoverAt(evidence: Evidence): number | undefined {
  const { lastFailover } = factsOf(evidence, 'readings') ?? {};
  return reportedOf(evidence).at(-1) ?? (lastFailover && lastFailover.before.atMs + READ_MS);
}

const reportedOf = (evidence: Evidence): readonly number[] =>
  (factsOf(evidence, 'storeGroup')?.events ?? []).flatMap(({ atMs, message }) => (reportsFailover(message) ? [atMs] : []));

/** All of the window, each once, oldest first: ElastiCache reports one for the group and for each node. */
export function failoversOf(evidence: Evidence): readonly number[] {
  const latest = failoverAt(evidence);
  const all = [...reportedOf(evidence), ...(latest === undefined ? [] : [latest])].filter((atMs) => atMs >= evidence.fromMs);
  return all.toSorted((one, other) => one - other).filter((atMs, at, sorted) => at === 0 || atMs - (sorted[at - 1] ?? 0) > SAME_MS);
}

/** `isSlow`: not from one reading to the next. */
export type Fall = { readonly before: MinuteSample; readonly after: MinuteSample; readonly isSlow?: true };

/** So long before the first sign sessions can have gone with which the trouble began. */
export const SUDDEN_MS = 15 * 60_000;

/** From one reading to the next, which is a minute later, users who are sent away log in again: so many can be there once more. */
const LEFT_AT_NEXT = 0.4;
const NEXT_READING_SECONDS = 150;
const FEWEST_AT_ONCE = 20;
/** Meanwhile more of them log in again. Fewer than so many end within minutes by chance. */
const LEFT_SLOWLY = 0.6;
const SLOWLY_SECONDS = 330;
const FEWEST_SLOWLY = 40;

const goneIn = ({ before, after }: Fall): number => before[1] - after[1];
const isOfKeys = (fall: Fall): boolean => fall.before[2] - fall.after[2] >= goneIn(fall) / 2;

/** From one reading to the next, if one is near the first sign; else the deepest that took minutes. Oldest first. */
export function fallsOf(evidence: Evidence): readonly Fall[] {
  const minutes = factsOf(evidence, 'readings')?.minutes ?? [];
  const isNear = ({ after }: Fall) => after[0] * 1_000 >= evidence.firstSignMs - SUDDEN_MS;
  const sudden = minutes.slice(1).flatMap((after, index): Fall[] => {
    const fall = { before: minutes[index] as MinuteSample, after };
    const isDeep = fall.before[1] >= FEWEST_AT_ONCE && after[1] <= fall.before[1] * LEFT_AT_NEXT;
    return isDeep && isNextTo(fall) && isOfKeys(fall) ? [fall] : [];
  });
  if (sudden.some(isNear)) return sudden;
  const slow = minutes.flatMap((after, index) => slowFalls(after, minutes.slice(0, index))).filter((fall) => isNear(fall));
  const [deepest] = slow.toSorted((one, other) => goneIn(other) - goneIn(one));
  return deepest === undefined || isOfFailover(deepest, evidence) ? [] : [deepest];
}

const isNextTo = ({ before, after }: Fall): boolean => after[0] - before[0] <= NEXT_READING_SECONDS;

/** From readings of the minutes before to this one, with one in each minute between and nothing deleted to make room. */
function slowFalls(after: MinuteSample, earlier: readonly MinuteSample[]): readonly Fall[] {
  const first = earlier.findLastIndex((one, at) => !isNextTo({ before: one, after: earlier[at + 1] ?? after }));
  const near = earlier.slice(first + 1).filter(([atSeconds]) => after[0] - atSeconds <= SLOWLY_SECONDS);
  if ([...near.slice(1), after].some(([, , , , evictions]) => evictions !== 0)) return [];
  return near
    .map((before): Fall => ({ before, after, isSlow: true }))
    .filter((fall) => goneIn(fall) >= FEWEST_SLOWLY && after[1] <= fall.before[1] * LEFT_SLOWLY && isOfKeys(fall));
}

/** What a new primary had not received was deleted by nobody. */
const isOfFailover = ({ before, after }: Fall, evidence: Evidence): boolean =>
  failoversOf(evidence).some((atMs) => atMs >= before[0] * 1_000 - 60_000 && atMs <= after[0] * 1_000 + 60_000);

const clock = ([atSeconds]: MinuteSample): string => clockText(atSeconds * 1_000).slice(0, 5);

/** Fewer are no rhythm. */
const FEWEST_REPEATED = 3;
/** Readings are a minute apart. */
const SLACK_SECONDS = 90;

/** `20 times from 10:10 until 10:48 UTC, every 2 minutes`; undefined of one. */
export function rhythmOf(falls: readonly Fall[]): string | undefined {
  const [first, last] = [falls[0], falls.at(-1)];
  if (first === undefined || last === undefined || falls.length < 2) return undefined;
  const gaps = falls.slice(1).map(({ after }, index) => after[0] - (falls[index]?.after[0] ?? 0));
  const usual = medianOf(gaps) ?? 0;
  const isRegular = falls.length >= FEWEST_REPEATED && gaps.every((gap) => Math.abs(gap - usual) <= SLACK_SECONDS);
  const every = isRegular ? `, every ${Math.round(usual / 60) === 1 ? 'minute' : `${Math.round(usual / 60)} minutes`}` : '';
  return `${falls.length} times from ${clock(first.after)} until ${clock(last.after)} UTC${every}`;
}

export function fallText(falls: readonly [Fall, ...Fall[]]): string {
  const { before, after, isSlow } = falls.at(-1) ?? falls[0];
  const left = `${after[1]} of ${before[1]} sessions were left`;
  const rhythm = rhythmOf(falls);
  if (rhythm !== undefined) return `most sessions were gone ${rhythm}: the last time ${left}`;
  return isSlow
    ? `${left} after ${Math.round((after[0] - before[0]) / 60)} minutes, and none was deleted to make room`
    : `${left} from one reading to the next`;
}

export function emptiedText([fall, ...others]: readonly Fall[]): string {
  const rhythm = fall && rhythmOf([fall, ...others]);
  if (rhythm !== undefined) return `the store was emptied ${rhythm}, as by a job that runs again and again`;
  if (fall?.isSlow)
    return `somebody or a job deleted sessions from the store, which fell from ${fall.before[1]} to ${fall.after[1]} between ${clock(fall.before)} and ${clock(fall.after)} UTC`;
  return 'the store was emptied: nearly all sessions are gone from it at once';
}
