/** The keys of a store as a table: what is compared before and after a sweep. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { until } from '../../until.ts';

/** Redisson writes a session's last access after the answer. */
const SETTLED_MS = 500;

export interface SeenKey {
  readonly type: string;
  /** Seconds; −1 without one. */
  readonly ttl: number;
  /** Members, or fields and their values, in one order; bytes as characters. */
  readonly value: readonly string[];
}

/** By name. */
export async function keysOf(redis: Redis): Promise<ReadonlyMap<string, SeenKey>> {
  const names = (await redis.keys('*')).sort();
  const seen = names.map(async (name) => {
    const [type, ttl] = await Promise.all([redis.type(name), redis.ttl(name)]);
    return [name, { type, ttl, value: (await readValue(redis, name, type)).toSorted() }] as const;
  });
  return new Map(await Promise.all(seen));
}

/** The same, once no server has written anything for a while: a late write would give a key its TTL again, for one. */
export const settledKeysOf = (redis: Redis): Promise<ReadonlyMap<string, SeenKey>> =>
  until(async () => {
    const before = JSON.stringify(valuesIn(await keysOf(redis)));
    await sleep(SETTLED_MS);
    const after = await keysOf(redis);
    return JSON.stringify(valuesIn(after)) === before && after;
  }, 'the servers have written all that they write after an answer');

/** What a server still writes of one test would be a ghost in the next. */
export async function flushSettled(redis: Redis): Promise<void> {
  await settledKeysOf(redis);
  await redis.flushall();
}

/** Without TTLs, which go on. */
export const valuesIn = (keys: ReadonlyMap<string, SeenKey>) => [...keys].map(([name, { type, value }]) => [name, type, value]);

async function readValue(redis: Redis, name: string, type: string): Promise<string[]> {
  if (type === 'string') return [await redis.getBuffer(name).then((bytes) => (bytes ?? Buffer.alloc(0)).toString('latin1'))];
  if (type === 'set') return (await redis.smembersBuffer(name)).map((member) => member.toString('latin1'));
  if (type !== 'hash') throw new Error(`no framework here writes a ${type}`);
  return Object.entries(await redis.hgetallBuffer(name)).map(([field, bytes]) => `${field}=${bytes.toString('latin1')}`);
}
