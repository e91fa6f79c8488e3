import { recordKeys } from './keys.ts';
import type { RecordsTable } from './records-table.ts';

/** What a sweep counted for one dialect, over all primaries. */
export interface DialectShare {
  /** Sessions that expire, estimated by a sample where there are many keys, and all sessions that do not. */
  readonly sessions: number;
  /** Keys without a TTL by design. */
  readonly structural: number;
  /** Keys without a TTL that should have one, after the sweep. */
  readonly withoutTtl: number;
  /** Bytes of all its sessions, estimated by the same sample. */
  readonly bytesSampled: number;
}

/** Keys of several databases together. */
export interface KeyTotals {
  readonly keys: number;
  readonly expires: number;
}

export const totalOf = (counts: readonly KeyTotals[]): KeyTotals =>
  counts.reduce((sum, { keys, expires }) => ({ keys: sum.keys + keys, expires: sum.expires + expires }), { keys: 0, expires: 0 });

/** A session, identified by the hash of its id: the id itself never leaves the store. */
export interface LargeSession {
  readonly hashedId: string;
  readonly dialect: string;
  readonly bytes: number;
}

/** Counts of the last sweep, the basis of the collector's estimates. */
export interface DialectShares {
  readonly takenAtMs: number;
  /** Identifies what was taken for a session: the settings and the version. Absent where that is not known. */
  readonly countedBy?: string;
  /** When the last sweep ended, if not at `takenAtMs`: one that is clean by counters counts nothing, and a check counts without a sweep. */
  readonly sweptAtMs?: number;
  /** Keys of the swept databases at that time, by INFO; absent where they are not known. */
  readonly counts?: KeyTotals;
  /** Keys with a TTL that no known framework writes, estimated as the sessions are. */
  readonly othersWithTtl: number;
  readonly byDialect: Readonly<Record<string, DialectShare>>;
  /** Largest first. */
  readonly largest: readonly LargeSession[];
  /** One in `<count>` sessions was measured to find them; 1: all were. */
  readonly largestSampledOneIn: number;
  /** When, if before `takenAtMs`: a sample refreshes the shares, but not this list. */
  readonly largestTakenAtMs?: number;
}

/** Undefined before the first sweep. */
export const readDialectShares = (table: Pick<RecordsTable, 'get'>): Promise<DialectShares | undefined> =>
  table.get<DialectShares>(recordKeys.dialectShares());

export async function writeDialectShares(table: Pick<RecordsTable, 'put'>, shares: DialectShares): Promise<void> {
  await table.put(recordKeys.dialectShares(), shares);
}
