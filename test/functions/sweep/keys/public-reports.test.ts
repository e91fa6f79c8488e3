/** Keys as people reported them in public, on a real server: each is counted and repaired as its framework's session, or left as unknown. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RealStore, startStore } from '../real-store.ts';
import { runSweep } from '../run-sweep.ts';

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());
beforeEach(() => store.redis.flushall());

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const HEX64 = 'd80dcc50e63c454dc467d3cc703e84f514b790f5ef6c20bbbb7f18be2c22cce5';
const UUID = '8f18702b-733e-43d0-8ff3-2da75fce7855';

it.each<[source: string, key: string, plant: (redis: Redis, key: string) => Promise<unknown>, dialect: string | undefined]>([
  [
    'pallets-eco/flask-session 181: an empty session of a pickle',
    `session:${UUID}`,
    (redis, key) => redis.set(key, bytes('80049512000000000000007d948c0a5f7065726d616e656e7494882e')),
    'flask-session',
  ],
  [
    'pallets-eco/flask-session 212: MessagePack since 0.7',
    `session:${'aZ_-'.repeat(10)}aZ0`,
    (redis, key) => redis.set(key, bytes('81a175a3616e6e')),
    'flask-session',
  ],
  ['redis-store/redis-rack 48: an id without a version', HEX64, (redis, key) => redis.set(key, bytes('04087b064922')), 'rack'],
  ['redis-store/redis-store 119: an id of 32 digits', HEX64.slice(0, 32), (redis, key) => redis.set(key, bytes('04087b00')), 'rack'],
  [
    'an entry of Rails’ cache under such a name',
    `views/${HEX64.slice(0, 32)}`,
    (redis, key) => redis.set(key, bytes('04086f3a20416374')),
    undefined,
  ],
  [
    'jcoleman/tomcat-redis-session-manager 105: what SETNX left',
    `${HEX64.slice(0, 32).toUpperCase()}.node1`,
    (redis, key) => redis.set(key, 'null'),
    'tomcat-redis-session-manager',
  ],
  [
    'laravel/framework 60700: a prefix of sessions',
    `shop-session-${'aB3'.repeat(13)}z`,
    (redis, key) => redis.set(key, 's:60:"a:2:{s:6:"_token";s:40:"x";s:6:"_flash";a:0:{}}";'),
    'laravel',
  ],
  [
    'phpredis/phpredis 2006: igbinary',
    'PHPREDIS_SESSION:6u0qm2puckh37kju3jh6q4cpid',
    (redis, key) => redis.set(key, bytes('000000021401')),
    'phpredis',
  ],
  [
    'colinmollenhour/Cm_RedisSession 143: a hash of Magento',
    'sess_6u0qm2puckh37kju3jh6q4cpid',
    (redis, key) => redis.hset(key, { data: ':sn:x', lock: '0', writes: '1' }),
    'magento',
  ],
  [
    'andreacfm/Redis-Cache-Extension 2: of Railo',
    `railo-storage:session:${UUID}:shop`,
    (redis, key) => redis.set(key, '{"cart":1}'),
    undefined,
  ],
  ['bungle/lua-resty-session 81', 'sessions:gYIipoo9Ydrk-qXbsvFKPQ..', (redis, key) => redis.set(key, 'c|1577||x'), undefined],
  [
    'maxcountryman/tower-sessions-stores 70',
    'myapp:admin:U5CkdD_C41l13K779Bz1eA',
    (redis, key) => redis.set(key, bytes('93c41000')),
    'tower-sessions',
  ],
  [
    'smrchy/redis-sessions 24: no TTL by design',
    'rs:shop:93wSlU3fsD3ndcLpBWXYBmMf',
    (redis, key) => redis.hset(key, { r: '1', w: '1', ttl: '7200', la: '1' }),
    undefined,
  ],
])('%s', async (_source, key, plant, dialect) => {
  await plant(store.redis, key);
  const { tally } = await runSweep(store.connect, { settings: { policy: 'delete' } });
  expect([Object.keys(tally.byDialect), tally.unknown]).toEqual(dialect ? [[dialect], 0] : [[], 1]);
  expect((await store.redis.ttl(key)) > 0).toBe(dialect !== undefined);
});
