/** The units of a sweep in the store, and connections to their primaries. */
import type { Redis } from 'ioredis';
import { type ClusterShard, isClustered, type NodeAddress, readShards } from '../../shared/store/cluster-slots.ts';
import { parseInfo } from '../../shared/store/parse-info.ts';
import { NoPrimaryLeft } from '../errors.ts';
import { databaseOf, isOnlyShard, unitOf, unitOfSlots } from '../unit-name.ts';
import { assignShards } from './assign-shards.ts';
import { selectDatabase } from './select-database.ts';

/** Connects to a node, or to the store's endpoint. */
export type ConnectToNode = (node?: NodeAddress) => Promise<Redis>;

/**
 * The units of the store: every primary × every database that contains keys; in cluster mode, where there is one database, every
 * primary. There a unit's name is the shard's widest range of slots, `0-5460`, which a failover does not change.
 * @param databases numbers of the databases to sweep, ascending; the first is listed even if it is empty
 */
export async function findShards(connect: ConnectToNode, databases: readonly number[]): Promise<readonly string[]> {
  const redis = await connect();
  try {
    const info = await redis.info();
    if (isClustered(info)) return (await readShards(redis, addressOf(redis))).map((shard) => unitOfSlots(widestRange(shard), 1));
    const keyspace = parseInfo(info);
    const filled = databases.filter((database) => keyspace.has(`db${database}`));
    return (filled.length > 0 ? filled : databases.slice(0, 1)).map(unitOf);
  } finally {
    redis.disconnect();
  }
}

/**
 * A connection to the primary that serves a unit now, with the unit's database selected.
 * @param units of the same round
 * @throws NoPrimaryLeft when the unit's slots are served by the primaries of other units; DatabaseRefused; the connection's error
 */
export async function connectToShard(connect: ConnectToNode, unit: string, units: readonly string[]): Promise<Redis> {
  const redis = await connect();
  if (isOnlyShard(unit)) return selectDatabase(redis, databaseOf(unit));
  try {
    const shard = assignShards(units, await readShards(redis, addressOf(redis))).get(unit);
    if (shard === undefined) throw new NoPrimaryLeft(`no primary of its own serves the slots ${unit} of the session store any more`);
    return await connect(shard.primary);
  } finally {
    redis.disconnect();
  }
}

export function widestRange({ slots }: ClusterShard): string {
  const [[first, last] = [0, 0]] = [...slots].sort((a, b) => b[1] - b[0] - (a[1] - a[0]));
  return `${first}-${last}`;
}

export const addressOf = ({ options: { host = '', port = 0 } }: Redis): NodeAddress => ({ host, port });
