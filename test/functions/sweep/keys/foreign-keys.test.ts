/** Keys of other programs whose names fit a session's, on a real server: none is counted as a session, and no life of theirs is changed. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LifeChange } from '../../../../functions/sweep/contract/lives.ts';
import { readSweepInput, settingsFor } from '../../../../functions/sweep/read-sweep-input.ts';
import { FULL } from '../../../e2e/full-run.ts';
import { uuid } from '../planted.ts';
import { type RealStore, snapshot, startStore } from '../real-store.ts';
import { contextOf, runSweep } from '../run-sweep.ts';

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
  await store.redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-eval', '-eval_ro', '-evalsha', '-evalsha_ro');
});
afterAll(() => store?.stop());
beforeEach(() => store.redis.flushall());

const SHA1 = '356a192b7913b04c54574d18c28d46e6395428ab';
/** The name of a session and another program's value, by what writes it. */
const FOREIGN: readonly (readonly [name: string, key: string, plant: (redis: Redis, key: string) => Promise<unknown>])[] = [
  ['a job of RQ', `rq:job:${uuid(1)}`, (redis, key) => redis.hset(key, { data: 'x', origin: 'default', status: 'queued' })],
  ['a job of Hangfire', `hangfire:job:${uuid(2)}`, (redis, key) => redis.hset(key, { State: 'Enqueued', Fetched: '2026-01-01' })],
  ['a server of Hangfire', `hangfire:server:web:${uuid(3)}`, (redis, key) => redis.hset(key, { WorkerCount: '20' })],
  ['a job of BullMQ', `bull:mail:${uuid(4)}`, (redis, key) => redis.hset(key, { name: 'send', timestamp: '1700000000000' })],
  ['a job of Horizon', `shop_horizon:${uuid(5)}`, (redis, key) => redis.hset(key, { id: uuid(5), status: 'pending' })],
  ['an entity of Spring Data', `person:${uuid(6)}`, (redis, key) => redis.hset(key, { _class: 'com.example.Person', name: 'Ann' })],
  [
    'a session of Spring in a namespace of its own',
    `gateway.spring.session:sessions:${uuid(7)}`,
    (redis, key) => redis.hset(key, { lastAccessedTime: '1', maxInactiveInterval: '1800' }),
  ],
  ['a throttle counter of Laravel', `laravel_database_laravel_cache_:${SHA1}`, (redis, key) => redis.set(key, '3')],
  ['a counter', 'session:ratelimit:10.0.0.1', (redis, key) => redis.set(key, '17')],
  ['a count', 'session_count', (redis, key) => redis.set(key, '1204')],
  ['another count', 'sess:visits', (redis, key) => redis.set(key, '-7')],
  ['a one-time password', 'session:otp:ann', (redis, key) => redis.set(key, 'H7K2-9Q')],
  ['a lock', 'session_lock:checkout', (redis, key) => redis.set(key, 'worker-3')],
  ['a one-time password in JSON', 'sess:otp:7', (redis, key) => redis.set(key, '{"code":1}')],
  ['one that names its own end', 'sess:otp:8', (redis, key) => redis.set(key, '{"code":1,"expires":"2035-01-01T00:00:00.000Z"}')],
  [
    'an entry of a cache of ASP.NET Core',
    `Basket:${uuid(8)}`,
    (redis, key) => redis.hset(key, { absexp: '-1', sldexp: '12000000000', data: 'x' }),
  ],
  [
    'a one-time password below the prefix of Auth.js',
    'user:session:otp',
    (redis, key) => redis.set(key, '{"code":1,"expires":"2035-01-01T00:00:00.000Z"}'),
  ],
  ['a secret of the application', 'session_secret', (redis, key) => redis.set(key, 'c29tZSBzZWNyZXQgb2YgdGhlIGFwcGxpY2F0aW9u')],
  ['settings', 'session:config', (redis, key) => redis.set(key, '{"timeout":30}')],
  ['a basket in JSON below a UUID', `basket:${uuid(12)}`, (redis, key) => redis.set(key, '{"items":[],"session":{"id":1}}')],
  [
    'an entry of Spring’s cache',
    `carts::${uuid(13)}`,
    (redis, key) => redis.set(key, Buffer.from('aced00057372000f636f6d2e6578616d706c652e43617274', 'hex')),
  ],
  [
    'the conversation of a chat program below a UUID',
    `session:${uuid(14)}`,
    (redis, key) => redis.set(key, '{"user":"ann","messages":[{"role":"user","content":"hello"}],"created_at":"2026-01-01T00:00:00"}'),
  ],
  [
    'the history of an agent',
    `session:${uuid(15).replaceAll('-', '')}`,
    (redis, key) => redis.set(key, `{"state":{},"chat_history":[],"padding":"${'x'.repeat(900)}"}`),
  ],
  [
    'an agent’s turns behind a long text',
    `session:${'aZ_-'.repeat(10)}aZ1`,
    (redis, key) => redis.set(key, `{"text":"${'x'.repeat(900)}","last":{"role": "assistant"}}`),
  ],
  [
    'a program’s own record of a session',
    `session:${uuid(16)}`,
    (redis, key) => redis.set(key, `{"uuid":"${key.slice(8)}","topic":"sales"}`),
  ],
  ['an object of WordPress', 'wp:session_tokens:1', (redis, key) => redis.set(key, 'a:1:{s:5:"token";i:1;}')],
];
/** Their names are sessions', and their values do not state a session's life. */
const UNSTATED: typeof FOREIGN = [
  [
    'a session that ends with the browser',
    'sess:browser',
    (redis, key) => redis.set(key, '{"cookie":{"originalMaxAge":null,"expires":null}}'),
  ],
  ['a session of PHP', 'PHPREDIS_SESSION:0123456789abcdef01234567', (redis, key) => redis.set(key, 'a|i:1;')],
  [
    'a session of Spring without its last access',
    `spring:session:sessions:${uuid(9)}`,
    (redis, key) => redis.hset(key, { maxInactiveInterval: '90000', creationTime: '1' }),
  ],
  [
    'a session of Spring without its longest idle time',
    `spring:session:sessions:${uuid(10)}`,
    (redis, key) => redis.hset(key, { lastAccessedTime: String(Date.now()) }),
  ],
];

const CONNECTIONS = {
  script: () => store.connect(),
  pipeline: async () => {
    const redis = await store.connect();
    await redis.call('AUTH', 'no-scripts', '');
    return redis;
  },
};

describe.each(Object.entries(CONNECTIONS))('by %s', (method, connect) => {
  it.each(FOREIGN)('%s is no session: counted as unknown with and without a TTL, and left as it is', async (_name, key, plant) => {
    const { redis } = store;
    await plant(redis, key);
    await plant(redis, `with-ttl:${key}`).then(() => redis.rename(`with-ttl:${key}`, `a-${key}`));
    await redis.expire(`a-${key}`, 3_600);
    const before = await snapshot(redis);
    const { tally, method: used } = await runSweep(connect, { settings: { sampleEvery: 1, policy: 'delete' } });
    expect(used).toBe(method);
    expect(tally).toMatchObject({ keys: 2, unknown: 1, unknownSampled: 1, byDialect: {} });
    expect([...(await snapshot(redis))].map(([name, { dump }]) => [name, dump])).toEqual(
      [...before].map(([name, { dump }]) => [name, dump]),
    );
    expect(await redis.ttl(key)).toBe(-1);
  });

  const run = (lives: LifeChange) => {
    const settings = settingsFor(contextOf({}).settings, readSweepInput({ lives }));
    // A configured life is no life that the session states either.
    const idleSeconds = { 'flask-session': 90 * 86_400, gorilla: 90 * 86_400, phpredis: 90 * 86_400, 'connect-redis': 90 * 86_400 };
    return runSweep(connect, { settings: { ...settings, idleSeconds }, lives: { change: lives, most: 1_000 } });
  };

  const kept = [...FOREIGN, ...UNSTATED];
  // The full run takes each of them both ways.
  it.each(FULL || method === 'script' ? kept : kept.filter((_, at) => at % 4 === 0))(
    '%s keeps its TTL when lives are raised or shortened',
    async (_name, key, plant) => {
      const { redis } = store;
      await plant(redis, key);
      for (const [change, seconds] of [
        ['raise', 300],
        ['shorten-anonymous', 50_000],
      ] as const) {
        await redis.expire(key, seconds);
        expect((await run(change)).tally.lives?.changed ?? 0).toBe(0);
        expect(Math.abs((await redis.ttl(key)) - seconds)).toBeLessThanOrEqual(3);
      }
    },
  );
});

it('on a primary where reads count as use, no value of a name of many programs is read', async () => {
  const { redis } = store;
  await redis.call('ACL', 'SETUSER', 'touching', 'on', 'nopass', '~*', '+@all', '-client|no-touch');
  const foreign = FOREIGN.filter(([, key]) => !key.startsWith('sess:'));
  for (const [, key, plant] of foreign) {
    await plant(redis, key);
    await redis.call('RESTORE', key, '0', await redis.dumpBuffer(key), 'REPLACE', 'IDLETIME', '9999');
  }
  const connect = async () => {
    const one = await store.connect();
    await one.call('AUTH', 'touching', '');
    return one;
  };
  const { tally } = await runSweep(connect, { settings: { sampleEvery: 1, policy: 'delete' } });
  const unverified = Object.values(tally.byDialect).reduce((sum, { unrepaired }) => sum + (unrepaired.unverified ?? 0), 0);
  expect(unverified).toBeGreaterThan(8);
  expect([tally.unknown + unverified, Object.values(tally.byDialect).some(({ sessionsWithoutTtl }) => sessionsWithoutTtl > 0)]).toEqual([
    foreign.length,
    false,
  ]);
  for (const [name, key] of foreign) expect([name, Number(await redis.object('IDLETIME', key)) >= 9_999]).toEqual([name, true]);
});

it.each(UNSTATED)('%s is not deleted, however long it has been idle, and whatever the policy', async (_name, key, plant) => {
  const { redis } = store;
  await plant(redis, key);
  const { tally } = await runSweep(store.connect, {
    settings: {
      policy: 'delete',
      policies: { 'flask-session': 'delete', gorilla: 'delete', phpredis: 'delete', 'asp-net-core': 'delete', 'auth-js': 'delete' },
    },
    // Ten years on, as this clock has it.
    now: () => Date.now() + 10 * 365 * 86_400_000,
  });
  expect(Object.values(tally.byDialect).reduce((sum, { deleted }) => sum + deleted, 0)).toBe(0);
  expect(await redis.exists(key)).toBe(1);
});
