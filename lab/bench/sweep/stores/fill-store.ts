import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

const BATCH = 20_000;
/** The beginning of a session, as connect-redis writes it. */
const COOKIE = '{"cookie":{"originalMaxAge":86400000,"expires":"2100-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"user":"';
const VALUE_BYTES = 300;
/** One in this number of keys has no TTL; in the store of the case `holdfast-contents` each. */
export const PERSISTENT_EVERY = 100;

export const persistentOf = (keys: number): number => Math.ceil(keys / PERSISTENT_EVERY);

/** Writes sessions from `sess:0` on. */
const FILL = `local value = ARGV[3]
for at = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
  local key = 'sess:' .. at
  if at % tonumber(ARGV[4]) == 0 then redis.call('SET', key, value) else redis.call('SET', key, value, 'EX', 86400) end
end`;

/** @param persistentEvery one in this number of keys has no TTL */
export async function fillStore(redis: Redis, keys: number, persistentEvery: number): Promise<void> {
  const value = `${COOKIE}${'x'.repeat(VALUE_BYTES - COOKIE.length - 2)}"}`;
  for (let at = 0; at < keys; at += BATCH) await redis.eval(FILL, 0, at, Math.min(at + BATCH, keys), value, persistentEvery);
}

const MAX_SYNC_MS = 120_000;

/** Waits until the replica has every key. @throws Error when it takes too long */
export async function waitForSync(replica: Redis): Promise<void> {
  const endsAtMs = performance.now() + MAX_SYNC_MS;
  while (!/^master_link_status:up/m.test(await replica.info('replication'))) {
    if (performance.now() > endsAtMs) throw new Error('the replica is not in sync after two minutes');
    await sleep(100);
  }
}
