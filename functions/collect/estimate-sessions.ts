import type { DialectShares, KeyTotals } from '../records/dialect-shares.ts';
import type { StoreReading, SweepCount } from './contract.ts';

type SweptShares = Pick<DialectShares, 'takenAtMs' | 'byDialect' | 'counts' | 'othersWithTtl'>;

/** The last count of sessions, by dialect, with the number of keys at that time. */
export interface SweepBaseline extends Required<SweepCount> {
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
  const { takenAtMs, othersWithTtl } = shares;
  const seen = before?.takenAtMs === takenAtMs && before.expires !== undefined ? { keys: before.keys, expires: before.expires } : now;
  const { keys, expires } = shares.counts ?? seen;
  const byDialect = Object.fromEntries(
    Object.entries(shares.byDialect).map(([name, { sessions, withoutTtl }]) => {
      const lasting = Math.min(sessions, Math.max(0, withoutTtl));
      return [name, { expiring: sessions - lasting, lasting }];
    }),
  );
  const sum = (part: keyof SessionsOfDialect) => Object.values(byDialect).reduce((total, one) => total + one[part], 0);
  return { takenAtMs, keys, expires, expiring: sum('expiring'), lasting: sum('lasting'), others: othersWithTtl ?? 0, byDialect };
}

export interface SessionEstimate extends Pick<StoreReading, 'activeSessions' | 'activeSessionsFrom' | 'sessionsByDialect'> {
  /** If of the keys that have gone as many as possible were no sessions: a cache that was cleared ends none. */
  readonly atMost: number;
}

/**
 * Estimates the current number of sessions without a scan. Those with a TTL keep their share of the keys with one until they are counted
 * again; jobs and indexes, which have none, change nothing. Sessions without a TTL grow by a count only.
 */
export function estimateSessions(now: KeyTotals, sweep: SweepBaseline | undefined): SessionEstimate {
  // A sweep of an empty store has no shares.
  if (sweep === undefined || sweep.keys === 0)
    return { activeSessions: now.keys, atMost: now.keys, activeSessionsFrom: 'keys', sessionsByDialect: {} };
  const estimates = Object.entries(sweep.byDialect)
    .filter(([, { expiring, lasting }]) => expiring + lasting > 0)
    .map(([dialect, sessions]) => [dialect, Math.round(scaled(sessions, sweep, now))] as const);
  const activeSessions = estimates.reduce((sum, [, sessions]) => sum + sessions, 0);
  const left = scaled(sweep, { ...sweep, expires: Math.max(1, sweep.expires - sweep.others) }, now, 1);
  return {
    activeSessions,
    atMost: Math.max(activeSessions, Math.round(left)),
    activeSessionsFrom: 'sweep',
    sessionsByDialect: Object.fromEntries(estimates),
  };
}

/** What a count would amount to now: earlier samples are expressed in the new count by it. */
export const sessionsBy = (count: SweepCount | undefined, now: KeyTotals): number =>
  count?.expiring === undefined || count.keys === 0
    ? now.keys
    : scaled({ expiring: count.expiring, lasting: count.lasting ?? 0 }, count, now);

function scaled(
  { expiring, lasting }: SessionsOfDialect,
  then: Partial<KeyTotals>,
  now: KeyTotals,
  mostGrowth = Number.POSITIVE_INFINITY,
): number {
  const { keys = 0, expires = 0 } = then;
  const growth = (of: number, from: number, most: number) => (from <= 0 ? 1 : Math.min(most, of / from));
  return expiring * growth(now.expires, expires, mostGrowth) + lasting * growth(now.keys - now.expires, keys - expires, 1);
}
