import type { Redis } from 'ioredis';
import { sumOf } from '../../shared/arithmetic.ts';
import type { KeyCounts } from '../contract/checkpoint.ts';

const REMOVES =
  /^cmdstat_(?:del|unlink|getdel|rename|renamenx|move|migrate|hdel|srem|spop|smove|zrem|zpopmin|zpopmax|lpop|rpop|lmove|lrem|xdel):calls=(\d+)/gm;

/** Share of stale keys that a primary leaves to its replicas at most, in percent. @see https://redis.io/docs/latest/commands/expire/ */
const STALE_ON_REPLICAS_PERCENT = 10;

/** @throws the store's error */
export async function readKeyCounts(redis: Redis, database: number): Promise<KeyCounts> {
  const [info, commands] = await Promise.all([redis.info(), redis.info('commandstats')]);
  const number = (pattern: RegExp) => Number(pattern.exec(info)?.[1] ?? 0);
  const stalePercent = Math.max(number(/^expired_stale_perc:([\d.]+)/m), /^role:slave/m.test(info) ? STALE_ON_REPLICAS_PERCENT : 0);
  return {
    keys: number(new RegExp(`^db${database}:keys=(\\d+)`, 'm')),
    stale: Math.ceil((number(new RegExp(`^db${database}:keys=\\d+,expires=(\\d+)`, 'm')) * stalePercent) / 100),
    expired: number(/^expired_keys:(\d+)/m),
    evicted: number(/^evicted_keys:(\d+)/m),
    removals: sumOf([...commands.matchAll(REMOVES)], ([, calls]) => Number(calls)),
  };
}

/** Keys with a TTL in one database; 0 where the engine does not report it. @throws the store's error */
export const readExpiring = async (redis: Redis, database: number): Promise<number> =>
  Number(new RegExp(`^db${database}:keys=\\d+,expires=(\\d+)`, 'm').exec(await redis.info('keyspace'))?.[1] ?? 0);

/**
 * The least number of keys that a complete sweep must have seen: those that were there at the beginning and at the end, minus those that
 * were removed meanwhile. Pure.
 */
export function leastKeysSeen(before: KeyCounts, after: KeyCounts): number {
  const since = (part: 'expired' | 'evicted' | 'removals') => Math.max(0, after[part] - before[part]);
  const least = Math.min(before.keys - before.stale, after.keys - after.stale);
  return least - since('expired') - since('evicted') - since('removals');
}
