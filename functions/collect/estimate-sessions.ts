import type { DialectShares } from '../records/dialect-shares.ts';
import type { StoreReading, StoreRecord } from './contract.ts';

type SweptShares = Pick<DialectShares, 'takenAtMs' | 'byDialect'>;

/** The sweep that estimates are based on, and the number of keys when it was first seen, at most a minute after its end. */
export interface SweepBaseline {
  readonly shares: SweptShares;
  readonly keys: number;
}

/** A new sweep is compared with the current number of keys. */
export function chooseBaseline(shares: SweptShares | undefined, before: StoreRecord['sweep'], keysNow: number): SweepBaseline | undefined {
  if (shares === undefined) return undefined;
  return { shares, keys: before?.takenAtMs === shares.takenAtMs ? before.keys : keysNow };
}

/**
 * Estimates the current number of sessions without a scan: each dialect keeps its share of the keys until the next sweep.
 * A session can have several keys, so shares can add up to less than 1 even where all keys belong to sessions.
 */
export function estimateSessions(
  keysNow: number,
  sweep: SweepBaseline | undefined,
): Pick<StoreReading, 'activeSessions' | 'activeSessionsFrom' | 'sessionsByDialect'> {
  // A sweep of an empty store has no shares.
  if (sweep === undefined || sweep.keys === 0) return { activeSessions: keysNow, activeSessionsFrom: 'keys', sessionsByDialect: {} };
  const growth = keysNow / sweep.keys;
  const byDialect = Object.entries(sweep.shares.byDialect)
    .filter(([, { sessions }]) => sessions > 0)
    .map(([dialect, { sessions }]) => [dialect, Math.round(sessions * growth)] as const);
  return {
    activeSessions: byDialect.reduce((sum, [, sessions]) => sum + sessions, 0),
    activeSessionsFrom: 'sweep',
    sessionsByDialect: Object.fromEntries(byDialect),
  };
}
