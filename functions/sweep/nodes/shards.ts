/** The units of a sweep in the store, and connections to their primaries. */
import type { Redis } from 'ioredis';
import { sumOf } from '../../shared/arithmetic.ts';
import { type ClusterShard, isClustered, type NodeAddress, readShards } from '../../shared/store/cluster-slots.ts';
import { parseInfo } from '../../shared/store/parse-info.ts';
import { DatabaseRefused, NoPrimaryLeft } from '../errors.ts';
import { readRange, type SlotRange } from '../slots/slot-set.ts';
import { databaseOf, isOnlyShard, unitOf, unitOfSlots } from '../unit-name.ts';

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

/** Selects a database on a connection, which keeps it when it reconnects. @throws DatabaseRefused, and closes the connection */
export async function selectDatabase(redis: Redis, database: number): Promise<Redis> {
  if (database === 0) return redis;
  try {
    await redis.select(database);
    return redis;
  } catch (error) {
    redis.disconnect();
    const advice = adviceOn((error as Error).message, database);
    throw advice === undefined
      ? error
      : new DatabaseRefused(`database ${database} of the session store was not swept: ${advice}`, { cause: error });
  }
}

/** Undefined for an error that is not about this command. */
function adviceOn(message: string, database: number): string | undefined {
  if (/^NOPERM/.test(message))
    return "the sweep's user is not allowed to run SELECT. Permit +select to it, or remove the database from store.databases";
  if (/cluster mode/i.test(message)) return 'a store in cluster mode has only database 0. Set store.databases to [0]';
  if (/out of range|invalid DB index/i.test(message))
    return `the store has fewer databases. Raise its parameter databases above ${database}, which ElastiCache applies only when it reboots the nodes and so empties them, or remove the database from store.databases`;
  if (/unknown command|not (?:supported|allowed)/i.test(message))
    return 'the store does not support SELECT, as a serverless cache does not. Set store.databases to [0]';
  return undefined;
}

/**
 * Gives each primary to at most one branch of a sweep, and each branch at most one primary: pairs with the most slots in common
 * first, ties by the branch's name, then by the primary's. Slots that move between shards can make one primary the best for two
 * branches; two branches on one node would read its keys twice. Pure.
 * @param units names of the branches' units: `0-5460`
 * @returns no entry for a unit without a primary
 */
export function assignShards(units: readonly string[], shards: readonly ClusterShard[]): ReadonlyMap<string, ClusterShard> {
  const pairs = units
    .flatMap((unit) => shards.map((shard) => ({ unit, shard, common: commonSlots(rangeOf(unit), shard) })))
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common || compare(a.unit, b.unit) || compare(primaryName(a.shard), primaryName(b.shard)));
  const assigned = new Map<string, ClusterShard>();
  const taken = new Set<ClusterShard>();
  for (const { unit, shard } of pairs) {
    if (assigned.has(unit) || taken.has(shard)) continue;
    assigned.set(unit, shard);
    taken.add(shard);
  }
  return assigned;
}

const rangeOf = (unit: string): SlotRange => readRange(unit.split('/')[0] as string);

const commonSlots = ([first, last]: SlotRange, { slots }: ClusterShard): number =>
  sumOf(slots, ([from, to]) => Math.max(0, Math.min(to, last) - Math.max(from, first) + 1));

const primaryName = ({ primary: { host, port } }: ClusterShard): string => `${host}:${port}`;

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
