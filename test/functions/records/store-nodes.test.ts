import { expect, it } from 'vitest';
import { readStoreNodes, type StoreNodes, writeStoreNodes } from '../../../functions/records/store-nodes.ts';
import { memoryItems } from '../fakes/memory-items.ts';

it('is an item of its own among the records of the store, which a sweep may read', async () => {
  const { items, table } = memoryItems();
  expect(await readStoreNodes(table)).toBeUndefined();
  const nodes: StoreNodes = {
    takenAtMs: 1,
    nodes: [{ name: 'a:1', host: 'a', port: 1, runId: 'a', role: 'primary', replicationId: 'r', primarySinceMs: 1 }],
  };
  await writeStoreNodes(table, nodes);
  expect(await readStoreNodes(table)).toEqual(nodes);
  expect([...items.keys()]).toEqual(['STORE|NODES']);
});
