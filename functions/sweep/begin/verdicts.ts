/** What the beginning of a sweep decides, and by which numbers. */
import type { DatabaseCount } from '../../shared/store/parse-info.ts';

/** Why a sweep reads every key. */
export const SWEEP_REASONS = {
  full: 'it was requested for every key',
  reconcile: 'it reconciles indexes',
  first: 'no full sweep is on record',
  weekly: 'the last full sweep is a week old',
  settings: 'there are keys without a TTL, and the last full sweep had other settings',
  grown: 'there are more keys without a TTL than the last full sweep left on purpose',
  sampled: 'a sample contained a key that it repairs',
  uncounted: 'the counters of the store could not be read',
} as const;
export type SweepReason = keyof typeof SWEEP_REASONS;

/** The outcome of a sweep that did not have to read every key: the counters showed nothing to do. */
export const CLEAN_BY_COUNTERS = 'clean by counters';

/** Reply to the state machine for a sweep that ended with this outcome. */
export interface EndedClean {
  readonly verdict: 'SKIP';
  readonly sweepId: string;
  readonly outcome: typeof CLEAN_BY_COUNTERS;
}

/** Keys of the store by database, and the number of primaries that were asked. */
export interface StoreCounters {
  readonly counts: readonly DatabaseCount[];
  readonly primaries: number;
}
