import type { DialectShares, KeyTotals } from '../records/dialect-shares.ts';
import { sumOf } from '../shared/arithmetic.ts';
import type { DayOfSessions, StoreReading, SweepCount } from './contract.ts';

type SweptShares = Pick<DialectShares, 'takenAtMs' | 'byDialect' | 'counts' | 'othersWithTtl' | 'countedBy'>;

export interface SweepBaseline extends SweepCount {
  /** Keys with a TTL that no known framework writes. */
  readonly others: number;
  readonly byDialect: Readonly<Record<string, SessionsOfDialect>>;
}

interface SessionsOfDialect {
  readonly expiring: number;
  readonly lasting: number;
}

/** A new count is compared with its own number of keys; where that is not on record, with the one when it was first seen. */
export function chooseBaseline(shares: SweptShares | undefined, before: SweepCount | undefined, now: KeyTotals): SweepBaseline | undefined {
  if (shares === undefined) return undefined;
  const { takenAtMs, othersWithTtl, countedBy } = shares;
  const seen = before?.takenAtMs === takenAtMs ? { keys: before.keys, expires: before.expires } : now;
  const { keys, expires } = shares.counts ?? seen;
  const byDialect = Object.fromEntries(
    Object.entries(shares.byDialect).map(([name, { sessions, withoutTtl }]) => {
      const lasting = Math.min(sessions, Math.max(0, withoutTtl));
      return [name, { expiring: sessions - lasting, lasting }];
    }),
  );
  const sum = (part: keyof SessionsOfDialect) => sumOf(Object.values(byDialect), (one) => one[part]);
  const expiring = sum('expiring');
  return {
    // Keys can get a TTL between the counters and the pages: those that were found with one were there.
    ...{ takenAtMs, keys: Math.max(keys, expiring), expires: Math.max(expires, expiring), byDialect },
    ...{ expiring, lasting: sum('lasting'), others: othersWithTtl },
    ...(countedBy && { countedBy }),
  };
}

export interface SessionEstimate extends Pick<StoreReading, 'activeSessions' | 'activeSessionsFrom' | 'sessionsByDialect'> {
  /** If of the keys that have gone as many as possible were no sessions: a cache that was cleared ends none. */
  readonly atMost: number;
}

/**
 * Estimates the current number of sessions without a scan: never more than there are keys. Those with a TTL keep their share of the keys
 * with one until they are counted again; jobs and indexes, which have none, change nothing. Sessions without a TTL grow by a count only, and
 * stay sessions when they get one.
 */
export function estimateSessions(now: KeyTotals, sweep: SweepBaseline | undefined): SessionEstimate {
  if (sweep === undefined || hasNoShares(sweep)) {
    const keys = keysFor(sweep, now);
    return { activeSessions: keys, atMost: keys, activeSessionsFrom: 'keys', sessionsByDialect: {} };
  }
  const estimates = Object.entries(sweep.byDialect)
    .filter(([, { expiring, lasting }]) => expiring + lasting > 0)
    .map(([dialect, sessions]) => [dialect, Math.round(scaled(sessions, sweep, now))] as const);
  const activeSessions = Math.min(
    now.keys,
    sumOf(estimates, ([, sessions]) => sessions),
  );
  const left = scaled(sweep, { ...sweep, expires: Math.max(1, sweep.expires - sweep.others) }, now, 1);
  return {
    activeSessions,
    atMost: Math.max(activeSessions, Math.min(now.keys, Math.round(left))),
    activeSessionsFrom: 'sweep',
    sessionsByDialect: Object.fromEntries(estimates),
  };
}

/** What a count would amount to now: earlier samples are expressed in the new count by it. */
export const sessionsBy = (count: SweepCount | undefined, now: KeyTotals): number =>
  count === undefined || hasNoShares(count) ? keysFor(count, now) : Math.min(now.keys, scaled(count, count, now));

/** Counted in an empty store, or in one of jobs alone: what has come since can all be sessions. */
const hasNoShares = ({ keys, expires, expiring, lasting }: SweepCount): boolean =>
  keys === 0 || (expires === 0 && expiring + lasting === 0);

/** Every key; the jobs that a count has found are no sessions. */
const keysFor = (count: SweepCount | undefined, now: KeyTotals): number =>
  count === undefined || count.keys === 0 ? now.keys : now.expires;

/** Sessions come and go meanwhile: what an older count has found is no measure of the window. */
const FRESH_MS = 2 * 3_600_000;
/** A sample is not exact about a smaller part of the keys with a TTL. */
const SURE_PART = 0.1;

/**
 * What a count shows of the time before the next one: so many sessions with a TTL were there, if both took the same keys for sessions.
 * The number of keys does not show that they have ended where a cache grew, or could be what has gone. Pure.
 * @returns 0 where it shows nothing
 */
export function measuredBefore(before: SweepCount | undefined, next: SweepBaseline): number {
  const { takenAtMs = 0, countedBy, expires = 0, expiring = 0 } = before ?? {};
  const isSame = countedBy !== undefined && countedBy === next.countedBy && next.takenAtMs - takenAtMs <= FRESH_MS;
  return isSame && expiring >= expires * SURE_PART ? expiring : 0;
}

/** @param part of the sessions of a count, `then` @param mostGrowth of those with a TTL */
function scaled(part: SessionsOfDialect, then: SweepCount, now: KeyTotals, mostGrowth = Number.POSITIVE_INFINITY): number {
  const growth = (of: number, from: number, most: number) => (from <= 0 ? 1 : Math.min(most, of / from));
  const [lasting, without] = [then.keys - then.expires, now.keys - now.expires];
  // A sweep, or the application's repair, gives sessions a TTL: they have left the keys without one, and are no growth of the others.
  const moved = Math.max(0, Math.min(then.lasting, lasting - without, now.expires - then.expires));
  // Where no key had a TTL, all that have one since can be sessions.
  const withTtl = then.expires === 0 && then.expiring === 0 ? now.expires : moved;
  const stayed = (then.lasting - moved) * growth(without, lasting - moved, 1);
  const ofLasting = then.lasting === 0 ? 0 : (withTtl + stayed) / then.lasting;
  return part.expiring * growth(now.expires - moved, then.expires, mostGrowth) + part.lasting * ofLasting;
}

/**
 * An empty server's dataset is not empty: 70 to 170 kB for scripts and buffers, measured on Redis 7.0 and Valkey 8.0. From this
 * number of sessions on, that is at most 34 B per session.
 */
const MIN_SESSIONS = 5_000;

/** What one session takes, if no sweep has measured any. */
export interface StoreSize {
  /** Over all primaries, without the server's overhead. */
  readonly datasetBytes: number;
  readonly sessions: number;
  /** Databases that are not swept have keys too. */
  readonly hasOtherKeys: boolean;
}

/**
 * Average size of a session, by those that the last sweep measured, otherwise by the size of the dataset. The memory of the whole process
 * is no measure: what it needs itself would make 20 sessions of 400 B look like 23 kB each.
 * @returns undefined while it is unknown
 */
export function bytesPerSession(shares: Pick<DialectShares, 'byDialect'> | undefined, store: StoreSize): number | undefined {
  const measured = Object.values(shares?.byDialect ?? {}).filter(({ bytesSampled }) => bytesSampled > 0);
  const sum = (part: 'sessions' | 'bytesSampled') => sumOf(measured, (one) => one[part]);
  if (sum('sessions') > 0) return Math.round(sum('bytesSampled') / sum('sessions'));
  if (store.sessions < MIN_SESSIONS || store.hasOtherKeys) return undefined;
  return Math.round(store.datasetBytes / store.sessions);
}

/**
 * Whether sessions fell more than they do at this time of day. What is kept of each hour is the lowest share of the two hours before, not
 * the number: it holds for a quiet Sunday, in a month with more users, and after a sweep has counted in another way. Pure.
 */

const DAY_MS = 86_400_000;
const HOURS = 24;
/** Each day of the week once: the first week is compared with nothing. */
const OTHER_DAYS = 7;
/** Fewer sessions end together by chance. */
export const FEWEST_SESSIONS = 20;

const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS);
const hourOf = (atMs: number): number => Math.floor((atMs % DAY_MS) / 3_600_000);

/** Notes a share, 1 for as many sessions as in the two hours before. If the clock went back, later days are forgotten. */
export function noteShare(days: readonly DayOfSessions[], share: number | undefined, atMs: number): readonly DayOfSessions[] {
  const day = dayOf(atMs);
  const earlier = days.filter((one) => one.day < day && one.day >= day - OTHER_DAYS);
  const today = days.find((one) => one.day === day) ?? { day, lowest: Array.from({ length: HOURS }, () => null) };
  const lower = (known: number | null) => (share === undefined ? known : Math.min(known ?? 1, Math.floor(share * 1_000) / 1_000));
  const at = hourOf(atMs);
  return [...earlier, { day, lowest: today.lowest.map((known, hour) => (hour === at ? lower(known) : known)) }];
}

/**
 * The share at this hour, or in the next one: the users of an office do not leave on the minute. It is the lower one of the same day a week
 * ago and the second-lowest of the other days, so that an outage hides another one at its hour on that weekday only.
 * @returns undefined before a week is known, or where no other day had enough sessions at this hour
 */
export function usualShare(days: readonly DayOfSessions[], atMs: number): number | undefined {
  const day = dayOf(atMs);
  const others = days.filter((one) => one.day < day);
  if (!others.some((one) => one.day <= day - OTHER_DAYS)) return undefined;
  const hour = hourOf(atMs);
  const lowestOf = (one: DayOfSessions) => {
    const next = hour + 1 < HOURS ? one.lowest[hour + 1] : days.find((other) => other.day === one.day + 1)?.lowest[0];
    const known = [one.lowest[hour], next].filter((share) => typeof share === 'number');
    return known.length === 0 ? [] : [Math.min(...known)];
  };
  const weekAgo = others.filter((one) => one.day === day - OTHER_DAYS).flatMap(lowestOf);
  const rest = others.filter((one) => one.day !== day - OTHER_DAYS).flatMap(lowestOf);
  const known = [...weekAgo, ...rest.toSorted((one, other) => one - other).slice(rest.length > 1 ? 1 : 0)];
  return known.length === 0 ? undefined : Math.min(...known);
}
