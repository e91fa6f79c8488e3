import type { Redis } from 'ioredis';
import { HoldfastError } from '../../shared/errors.ts';
import { isClustered, type NodeAddress, readShards } from '../../shared/store/cluster-slots.ts';
import { type DatabaseCount, databasesIn, type Info, parseInfo, sumDatabases } from '../../shared/store/parse-info.ts';
import type { StoreCounters } from '../contract/record.ts';
import { addressOf, type ConnectToNode } from '../nodes/shards.ts';

class CountersUnknown extends HoldfastError {
  override readonly name = 'CountersUnknown';
}

/** A write of two commands leaves a key without a TTL for less than this. */
const REREAD_MS = 5;
const MAX_READS = 3;

/**
 * Reads INFO keyspace of every primary. Where `isClean` is false, it reads again, for 10 ms in total: keys that the application is giving a
 * TTL just then are in one reading, and keys that never expire are in all. Reads no key, and costs the same whatever the number of keys.
 * @returns the lowest counts of keys without a TTL, by database
 * @throws CountersUnknown when a node is not a primary, or does not count its keys; the connection's error
 */
export async function readCounters(
  connect: ConnectToNode,
  isClean: (counters: StoreCounters) => boolean,
  pause: (ms: number) => Promise<unknown>,
): Promise<StoreCounters> {
  const opened: Redis[] = [];
  const open = async (node?: NodeAddress): Promise<Redis> => {
    const redis = await connect(node);
    opened.push(redis);
    return redis;
  };
  try {
    const first = await open();
    const info = await first.info();
    const primaries = isClustered(info) ? await openPrimaries(first, open) : [first];
    let lowest = countersOf(primaries.length === 1 && primaries[0] === first ? [parseCounted(info)] : await readAll(primaries));
    for (let read = 1; read < MAX_READS && !isClean(lowest); read += 1) {
      await pause(REREAD_MS);
      lowest = lowerOf(lowest, countersOf(await readAll(primaries)));
    }
    return lowest;
  } finally {
    for (const redis of opened) redis.disconnect();
  }
}

async function openPrimaries(redis: Redis, open: (node: NodeAddress) => Promise<Redis>): Promise<readonly Redis[]> {
  const shards = await readShards(redis, addressOf(redis));
  return Promise.all(shards.map(({ primary }) => open(primary)));
}

const readAll = (primaries: readonly Redis[]): Promise<readonly Info[]> =>
  Promise.all(primaries.map(async (redis) => parseCounted(await redis.info())));

/** An empty store has an empty section. ElastiCache Serverless is not known to have one. */
function parseCounted(info: string): Info {
  if (!/^# Keyspace/m.test(info)) throw new CountersUnknown('the session store does not report how many keys it has');
  return parseInfo(info);
}

function countersOf(infos: readonly Info[]): StoreCounters {
  if (infos.some((info) => info.get('role') !== 'master' || info.get('loading') === '1'))
    throw new CountersUnknown('a node of the session store is a replica, or is still loading its keys');
  return { counts: sumDatabases(infos.map(databasesIn)), primaries: infos.length };
}

/** A database that is absent from one reading had no keys then. */
function lowerOf(one: StoreCounters, other: StoreCounters): StoreCounters {
  const persistentIn = ({ keys, expires }: DatabaseCount) => keys - expires;
  const counts = one.counts.flatMap((count) => {
    const again = other.counts.find(({ database }) => database === count.database);
    return again === undefined ? [] : [persistentIn(again) < persistentIn(count) ? again : count];
  });
  return { ...other, counts };
}
