import type { Redis } from 'ioredis';
import { knowNodes } from '../../../functions/collect/collect.ts';
import { readNode } from '../../../functions/collect/read-node.ts';
import type { StoreNodes } from '../../../functions/records/store-nodes.ts';

/** The record of a collector that reads this node now. */
export const recordOf = async (redis: Redis, before?: StoreNodes, atMs = Date.now()): Promise<StoreNodes> =>
  knowNodes([{ ...readNode('node', await redis.info()), host: 'node', port: 6_379 }], before, atMs);

/** The same of a collector that has known the node as primary for so long. */
export const recordSince = async (redis: Redis, ms: number): Promise<StoreNodes> =>
  recordOf(redis, await recordOf(redis, undefined, Date.now() - ms));
