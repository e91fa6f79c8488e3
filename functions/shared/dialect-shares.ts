import { recordKeys } from './naming.ts';
import type { RecordsTable } from './records-table.ts';

/** What a sweep found of one dialect, over every primary. */
export interface DialectShare {
  /** Sessions: those that expire by a sample, those that do not one by one. */
  readonly sessions: number;
  /** Keys without a TTL by design. */
  readonly structural: number;
  /** Keys that should have a TTL and have none, after the sweep. */
  readonly withoutTtl: number;
  /** Bytes of all its sessions, by the same sample: divided by `sessions`, those of one. */
  readonly bytesSampled: number;
}

/** A session by the hash of its id: the id itself never leaves the store. */
export interface LargeSession {
  readonly hashedId: string;
  readonly dialect: string;
  readonly bytes: number;
}

/** What the last sweep found: the collector's estimates go by it. */
export interface DialectShares {
  readonly takenAtMs: number;
  readonly byDialect: Readonly<Record<string, DialectShare>>;
  /** Largest first. */
  readonly largest: readonly LargeSession[];
  /** One in so many sessions was weighed to find them; 1 for all. */
  readonly largestOneIn: number;
}

/** Undefined when no sweep has been. */
export const readDialectShares = (table: Pick<RecordsTable, 'get'>): Promise<DialectShares | undefined> =>
  table.get<DialectShares>(recordKeys.dialectShares());

export async function writeDialectShares(table: Pick<RecordsTable, 'put'>, shares: DialectShares): Promise<void> {
  await table.put(recordKeys.dialectShares(), shares);
}
