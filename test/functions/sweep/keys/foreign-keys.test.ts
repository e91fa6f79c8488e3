/** Keys of other programs whose names fit a session's, on a real server: none is counted as a session, and no life of theirs is changed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LifeChange } from '../../../../functions/sweep/contract/tally.ts';
import { readSweepInput, settingsFor } from '../../../../functions/sweep/read-sweep-input.ts';
import { FULL } from '../../../e2e/full-run.ts';
import { uuid } from '../planted.ts';
import { type RealStore, snapshot, startStore } from '../real-store.ts';
import { contextOf, runSweep } from '../run-sweep.ts';
import { FOREIGN } from './foreign.ts';

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
  await store.redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-eval', '-eval_ro', '-evalsha', '-evalsha_ro');
});
afterAll(() => store?.stop());
beforeEach(() => store.redis.flushall());

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
