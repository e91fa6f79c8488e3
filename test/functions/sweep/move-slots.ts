/** Moves slots between the primaries of a real cluster, as resharding does. */
import { keySlot } from '../../../functions/sweep/slots/slot-set.ts';
import type { RealCluster } from './real-cluster.ts';
import type { RealStore } from './real-store.ts';

const idOf = async ({ redis }: RealStore) => String(await redis.call('CLUSTER', 'MYID'));

/** Begins to move a slot: from now on each of its keys is on one of the two primaries. @param keys number of keys to move */
export async function beginMove(from: RealStore, to: RealStore, slot: number, keys = 0): Promise<void> {
  await to.redis.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(from));
  await from.redis.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', await idOf(to));
  await moveKeys(from, to, slot, keys);
}

export async function endMove({ primaries }: RealCluster, from: RealStore, to: RealStore, slot: number): Promise<void> {
  await moveKeys(from, to, slot, 100_000);
  for (const { redis } of [to, from, ...primaries]) await redis.call('CLUSTER', 'SETSLOT', slot, 'NODE', await idOf(to));
}

export async function moveSlots(cluster: RealCluster, from: RealStore, to: RealStore, slots: readonly number[]): Promise<void> {
  const id = await idOf(to);
  const counts = from.redis.pipeline();
  for (const slot of slots) counts.call('CLUSTER', 'COUNTKEYSINSLOT', slot);
  const filled = ((await counts.exec()) ?? []).map(([, keys]) => Number(keys) > 0);
  for (const [at, slot] of slots.entries()) if (filled[at]) await beginMove(from, to, slot, 100_000);
  for (const { redis } of [to, from, ...cluster.primaries]) {
    const pipeline = redis.pipeline();
    for (const slot of slots) pipeline.call('CLUSTER', 'SETSLOT', slot, 'NODE', id);
    await pipeline.exec();
  }
}

async function moveKeys(from: RealStore, to: RealStore, slot: number, most: number): Promise<void> {
  const keys = most === 0 ? [] : ((await from.redis.callBuffer('CLUSTER', 'GETKEYSINSLOT', slot, most)) as Buffer[]);
  if (keys.length > 0) await from.redis.callBuffer('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
}

/** By slot, of the numbers tried so far. */
const tags = new Map<number, string>();
let tried = 0;

/** A hash tag whose keys are in this slot. */
export function tagOf(slot: number): string {
  for (; !tags.has(slot); tried += 1) {
    const tag = `t${tried}`;
    const found = keySlot(Buffer.from(tag));
    if (!tags.has(found)) tags.set(found, tag);
  }
  return tags.get(slot) as string;
}
