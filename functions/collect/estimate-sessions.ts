import type { DialectShares, KeyTotals } from '../records/dialect-shares.ts';
import { sumOf } from '../shared/arithmetic.ts';
import type { StoreReading, SweepCount } from './contract.ts';

type SweptShares = Pick<DialectShares, 'takenAtMs' | 'byDialect' | 'counts' | 'othersWithTtl' | 'countedBy'>;

/** The last count of sessions, by dialect, with the number of keys at that time. */
export interface SweepBaseline extends SweepCount {
  /** Keys with a TTL that no known framework writes. */
  readonly others: number;
  readonly byDialect: Readonly<Record<string, SessionsOfDialect>>;
}

interface SessionsOfDialect {
  /** Those with a TTL. */
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
