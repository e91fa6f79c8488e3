import { recordKeys } from '../records/keys.ts';
import type { RecordsTable } from '../records/records-table.ts';
import type { StoreRecord, StoreUnreachable } from './contract.ts';

/** The store's record in the installation's table. */
export interface StoreRecords {
  /** Undefined before the first reading. */
  getStore(): Promise<StoreRecord | undefined>;
  /** False when another reading was recorded since `seen` was read: of two concurrent runs, one counts. */
  putStore(record: StoreRecord, seen: StoreRecord | undefined): Promise<boolean>;
  /** Undefined where a primary has always answered. A later reading ends it. */
  getUnreachable(): Promise<StoreUnreachable | undefined>;
  putUnreachable(unreachable: StoreUnreachable): Promise<void>;
}

export function dynamoStoreRecords(table: RecordsTable): StoreRecords {
  return {
    getStore: () => table.get<StoreRecord>(recordKeys.storeReading()),
    putStore: (record, seen) =>
      table.put(recordKeys.storeReading(), record, seen ? ifStill(seen) : { ConditionExpression: 'attribute_not_exists(pk)' }),
    getUnreachable: () => table.get<StoreUnreachable>(recordKeys.storeUnreachable()),
    putUnreachable: async (unreachable) => void (await table.put(recordKeys.storeUnreachable(), unreachable)),
  };
}

const ifStill = ({ reading }: StoreRecord) => ({
  ConditionExpression: 'reading.takenAtMs = :seen',
  ExpressionAttributeValues: { ':seen': reading.takenAtMs },
});
