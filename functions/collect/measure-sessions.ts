import type { DialectShares } from '../records/dialect-shares.ts';
import { sumOf } from '../shared/arithmetic.ts';

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
