import type { DatabaseCount } from '../../shared/store/parse-info.ts';

/** Keys of the store by database, and the number of primaries that were asked. */
export interface StoreCounters {
  readonly counts: readonly DatabaseCount[];
  readonly primaries: number;
}
