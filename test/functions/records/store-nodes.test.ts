import { expect, it } from 'vitest';
import type { RecordKey } from '../../../functions/records/records-table.ts';
import { readStoreNodes, type StoreNodes, writeStoreNodes } from '../../../functions/records/store-nodes.ts';

it('is an item of its own among the records of the store, which a sweep may read', async () => {
  const items = new Map<string, object>();
  const keyOf = ({ pk, sk }: RecordKey) => `${pk}|${sk}`;
  const table = {
    get: async <T>(key: RecordKey) => items.get(keyOf(key)) as T | undefined,
    put: async (key: RecordKey, item: object) => Boolean(items.set(keyOf(key), item)),
  };
  expect(await readStoreNodes(table)).toBeUndefined();
  const nodes: StoreNodes = {
    takenAtMs: 1,
    nodes: [{ name: 'a:1', host: 'a', port: 1, runId: 'a', role: 'primary', replicationId: 'r', primarySinceMs: 1 }],
  };
  await writeStoreNodes(table, nodes);
  expect(await readStoreNodes(table)).toEqual(nodes);
  expect([...items.keys()]).toEqual(['STORE|NODES']);
});
