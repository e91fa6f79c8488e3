/** Keys as people reported them in public, on a real server: each is counted and repaired as its framework's session, or left as unknown. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DEFAULT_ENGINE } from '../../../store-engines.ts';
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

/** Where reads count as use, most of these are not read, and unverified (foreign-keys.test.ts). */
const keepsIdle = DEFAULT_ENGINE.engine === 'valkey' || Number.parseFloat(DEFAULT_ENGINE.version) >= 7.2;

it
  .runIf(keepsIdle)
  .each<[source: string, key: string, plant: (redis: Redis, key: string) => Promise<unknown>, dialect: string | undefined]>([
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
      'ran-jit/tomcat-cluster-redis-session-manager 63: keys without a prefix',
      '3B42F4863C7D129F03B5C431C4B5E378',
      (redis, key) =>
        redis.set(key, bytes(`aced00057372002c${Buffer.from('tomcat.request.session.model.SessionMetadata').toString('hex')}01`)),
      'tomcat-redis-session-manager',
    ],
    [
      'the same below the prefix that it asks for',
      'app1:session:3B42F4863C7D129F03B5C431C4B5E378',
      (redis, key) => redis.set(key, bytes(`aced000573720026${Buffer.from('tomcat.request.session.SessionMetadata').toString('hex')}01`)),
      'tomcat-redis-session-manager',
    ],
    [
      'roidrage/redis-session-store 64: its JSON',
      `myapp:session:2::${HEX64}`,
      (redis, key) => redis.set(key, '{"_csrf_token":"x","user_id":7}'),
      'rack',
    ],
    // Its hash has nothing but the application's own fields: `sweep --learn` prints the dialect.
    [
      'zerodha/simplesessions 12: a hash that gets no TTL',
      `session:${'aB3z'.repeat(8)}`,
      (redis, key) => redis.hset(key, { user: 'ann' }),
      undefined,
    ],
    [
      'remix-run/remix 11096: no ttl, as by default',
      `session:${UUID}`,
      (redis, key) => redis.set(key, `[{"user":"ann","cart":"${'x'.repeat(2_000)}"},{}]`),
      'remix',
    ],
    [
      'a turn of a conversation in a list',
      `session:${UUID}`,
      (redis, key) => redis.set(key, '[{"role":"user","content":"hi"},{}]'),
      undefined,
    ],
    ['two entries of a list', `session:${UUID}`, (redis, key) => redis.set(key, '[{"id":1,"name":"a"},{"id":2,"name":"b"}]'), undefined],
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
    [
      'redisson/redisson 2763: a session of its repository for Spring, which has got a new id',
      `spring:session:${UUID}`,
      (redis, key) =>
        redis.hset(key, {
          'session:creationTime': String(Date.now()),
          'session:lastAccessedTime': String(Date.now()),
          'session:maxInactiveInterval': '1800',
        }),
      'redisson-spring',
    ],
    [
      'redis-store/redis-rails 99: a session without expire_after',
      `session:${HEX64}`,
      (redis, key) => redis.set(key, bytes('04087b064922')),
      'rack',
    ],
    [
      'vmware-archive/session-managers 9: Tomcat’s own serialization under its id',
      HEX64.slice(0, 32).toUpperCase(),
      (redis, key) => redis.set(key, Buffer.concat([bytes('aced000573720013'), Buffer.from('java.util.ArrayList')])),
      undefined,
    ],
    [
      'metabrainz/musicbrainz-server 181: when a session of Catalyst ends',
      `MB:expires:${HEX64.slice(0, 40)}`,
      (redis, key) => redis.set(key, '1450000000'),
      undefined,
    ],
    ['Automattic/kue 1019: a job', 'q:job:4711', (redis, key) => redis.hset(key, { type: 'mail', state: 'complete' }), undefined],
  ])('%s', async (_source, key, plant, dialect) => {
  await plant(store.redis, key);
  const { tally } = await runSweep(store.connect, { settings: { policy: 'delete' } });
  expect([Object.keys(tally.byDialect), tally.unknown]).toEqual(dialect ? [[dialect], 0] : [[], 1]);
  expect((await store.redis.ttl(key)) > 0).toBe(dialect !== undefined);
});

const PRINCIPAL = 'index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME';
const jdk = (id: string) => Buffer.concat([bytes('aced0005740024'), Buffer.from(id)]);
const other = (at: number) => `${UUID.slice(0, -4)}${String(1_000 + at)}`;
const SPRING = { creationTime: '1', lastAccessedTime: String(Date.now()), maxInactiveInterval: '1800' };

it('spring-projects/spring-session 1987: ids of anonymous sessions in the index of `null` go, under any namespace', async () => {
  const { redis } = store;
  for (let at = 0; at < 300; at += 1) await redis.sadd(`session:${PRINCIPAL}:null`, jdk(other(at)));
  await redis.hset(`session:sessions:${other(7)}`, SPRING);
  const { tally } = await runSweep(store.connect, { settings: { reconcile: true } });
  expect([tally.reconciled, tally.notJudged, await redis.scard(`session:${PRINCIPAL}:null`)]).toEqual([299, 0, 1]);
});

it('spring-projects/spring-session 3287: an index whose sessions have all ended goes too', async () => {
  await store.redis.sadd(`mysession:${PRINCIPAL}:user`, jdk(other(1)), jdk(other(2)));
  const { tally } = await runSweep(store.connect, { settings: { reconcile: true } });
  expect([tally.reconciled, await store.redis.exists(`mysession:${PRINCIPAL}:user`)]).toEqual([2, 0]);
});

it('redisson/redisson 2763: its index of users is structural, and keeps the members whose session is behind the namespace', async () => {
  const { redis } = store;
  await redis.sadd(`spring:session:${PRINCIPAL}:ann`, jdk(UUID), jdk(other(1)));
  await redis.hset(`spring:session:${UUID}`, {
    'session:creationTime': '1',
    'session:lastAccessedTime': '1',
    'session:maxInactiveInterval': '9',
  });
  await redis.expire(`spring:session:${UUID}`, 600);
  const { tally } = await runSweep(store.connect, { settings: { reconcile: true } });
  expect([tally.reconciled, tally.unknown, tally.byDialect['spring-session']?.structural]).toEqual([1, 0, 1]);
  expect(await redis.sismember(`spring:session:${PRINCIPAL}:ann`, jdk(UUID))).toBe(1);
});
