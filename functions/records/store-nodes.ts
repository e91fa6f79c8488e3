import { recordKeys } from './keys.ts';
import type { RecordsTable } from './records-table.ts';

/** A node of the session store, as the collector read it last. */
export interface KnownNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The server process's id, which changes with every start. */
  readonly runId: string;
  readonly role: 'primary' | 'replica';
  /** INFO master_replid: equal for a primary and its replicas; changes with every promotion. */
  readonly replicationId: string;
  /** Equal while its idle times show each use (idle-mark.ts); absent while a child process runs. */
  readonly idleMark?: string;
  /** When the collector first read this run of the node as primary, without a break since; absent for a replica. */
  readonly primarySinceMs?: number;
  readonly linkUp?: boolean;
  /** 0 when a replica lacks nothing, otherwise the time since it last heard from its primary. Absent: unknown. */
  readonly lagSeconds?: number;
  /** Bytes of its primary's replication stream that a replica lacks. Absent: unknown. */
  readonly lagBytes?: number;
}

/** The nodes that answered the collector at one reading. */
export interface StoreNodes {
  readonly takenAtMs: number;
  readonly nodes: readonly KnownNode[];
}

/** Undefined before the first reading. */
export const readStoreNodes = (table: Pick<RecordsTable, 'get'>): Promise<StoreNodes | undefined> =>
  table.get<StoreNodes>(recordKeys.storeNodes());

export async function writeStoreNodes(table: Pick<RecordsTable, 'put'>, nodes: StoreNodes): Promise<void> {
  await table.put(recordKeys.storeNodes(), nodes);
}
