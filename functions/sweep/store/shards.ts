/** The shards of the store, and connections to their primaries. */
import type { Redis } from 'ioredis';
import { HoldfastError } from '../../shared/errors.ts';
import { type ClusterShard, isClustered, type NodeAddress, readShards } from '../../shared/store/cluster-slots.ts';

/** Connects to a node, or to the store's endpoint. */
export type ConnectToNode = (node?: NodeAddress) => Promise<Redis>;

/** Name of the only shard of a store without cluster mode, as ElastiCache names its node group. */
export const ONLY_SHARD = '0001';

/** The database of a unit: `0001/db3` is the third one of this shard. */
export const databaseOf = (unit: string): number => Number(/\/db(\d+)$/.exec(unit)?.[1] ?? 0);

class SlotsNotServed extends HoldfastError {
  override readonly name = 'SlotsNotServed';
}

/**
 * The names of the store's shards. In cluster mode a shard's name is its widest range of slots, `0-5460`, which a failover does
 * not change.
 */
export async function findShards(connect: ConnectToNode): Promise<readonly string[]> {
  const redis = await connect();
  try {
    if (!isClustered(await redis.info())) return [ONLY_SHARD];
    return (await readShards(redis, addressOf(redis))).map(nameOf);
  } finally {
    redis.disconnect();
  }
}

/** A connection to the primary that serves a shard now. @throws SlotsNotServed, or the connection's error */
export async function connectToShard(connect: ConnectToNode, shard: string): Promise<Redis> {
  const redis = await connect();
  if (shard === ONLY_SHARD) return redis;
  try {
    const owner = ownerOf(shard, await readShards(redis, addressOf(redis)));
    if (owner === undefined) throw new SlotsNotServed(`no primary serves the slots ${shard} of the session store`);
    return await connect(owner);
  } finally {
    redis.disconnect();
  }
}

export function nameOf({ slots }: ClusterShard): string {
  const [[first, last] = [0, 0]] = [...slots].sort((a, b) => b[1] - b[0] - (a[1] - a[0]));
  return `${first}-${last}`;
}

/** The primary of most of a shard's slots: some of them can be in migration. */
export function ownerOf(shard: string, shards: readonly ClusterShard[]): NodeAddress | undefined {
  const [first = 0, last = 0] = shard.split('-').map(Number);
  const shared = ({ slots }: ClusterShard) =>
    slots.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, last) - Math.max(from, first) + 1), 0);
  const best = [...shards].sort((a, b) => shared(b) - shared(a))[0];
  return best && shared(best) > 0 ? best.primary : undefined;
}

const addressOf = ({ options: { host = '', port = 0 } }: Redis): NodeAddress => ({ host, port });
