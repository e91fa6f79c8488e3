import type { DialectShares } from '../shared/dialect-shares.ts';
import type { StoreReading, StoreRecord } from './contract.ts';

type SweptShares = Pick<DialectShares, 'takenAtMs' | 'byDialect'>;

/** The sweep that estimates go by, and how many keys there were when it was first seen, at most a minute after its end. */
export interface KnownSweep {
  readonly shares: SweptShares;
  readonly keys: number;
}

/** A sweep that is new is as good as of now. */
export function knowSweep(shares: SweptShares | undefined, before: StoreRecord['sweep'], keysNow: number): KnownSweep | undefined {
  if (shares === undefined) return undefined;
  return { shares, keys: before?.takenAtMs === shares.takenAtMs ? before.keys : keysNow };
}

/**
 * Sessions that are there now, without a scan: each dialect keeps its share of the keys until the next sweep counts anew.
 * A session may be several keys, so that a share is below 1 even where all keys are sessions'.
 */
export function estimateSessions(
  keysNow: number,
  sweep: KnownSweep | undefined,
): Pick<StoreReading, 'activeSessions' | 'activeSessionsFrom' | 'sessionsByDialect'> {
  // A sweep of an empty store has no shares to go by.
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

/** Keys without a TTL by design, over all dialects. */
export const structuralKeys = ({ byDialect }: SweptShares): number =>
  Object.values(byDialect).reduce((sum, { structural }) => sum + structural, 0);
