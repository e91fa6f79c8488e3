import type { RecordKey } from '../../../functions/records/records-table.ts';

/** Items of the records table by `pk|sk`, and the table's calls for single items. */
export function memoryItems() {
  const items = new Map<string, object>();
  const keyOf = ({ pk, sk }: RecordKey) => `${pk}|${sk}`;
  const table = {
    get: async <T>(key: RecordKey) => items.get(keyOf(key)) as T | undefined,
    put: async (key: RecordKey, item: object) => Boolean(items.set(keyOf(key), item)),
  };
  return { items, table };
}
