/** Which keys a sweep counts and measures, on a real server of each engine. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FULL } from '../../e2e/full-run.ts';
import { sessionOf } from './planted.ts';
import { type RealStore, startStore } from './real-store.ts';
import { hashId, runSweep } from './run-sweep.ts';

let store: RealStore;
let redis: Redis;
beforeAll(async () => {
  store = await startStore();
  redis = store.redis;
});
beforeEach(() => redis.flushall());
afterAll(() => store?.stop());

const many = async (count: number, plant: (at: number) => [string, string | number, ...(string | number)[]]) => {
  const pipeline = redis.pipeline();
  for (let at = 0; at < count; at += 1) {
    const [command, ...words] = plant(at);
    pipeline.call(command, ...words);
  }
  await pipeline.exec();
};

describe('a sweep', () => {
  it.each([
    [60, 'gentle'],
    [199, 'fast'],
    [2_000, 'gentle'],
  ] as const)('counts each of %i sessions (%s)', async (count, pace) => {
    await many(count, (at) => ['SET', `sess:${at}`, sessionOf(at % 2 === 0 ? 100 : 10_000), 'EX', 1_000]);
    await many(50, (at) => ['SET', `cache:${at}`, 'x', 'EX', 1_000]);
    const { tally } = await runSweep(store.connect, { settings: { pace, sampleEvery: 100 } });
    expect([tally.byDialect['connect-redis']?.sampled, tally.unknownSampled]).toEqual([count, 50]);
    expect(tally.sizes.reduce((sum, keys) => sum + keys)).toBe(count + 50);
  });

  it.each(FULL ? (['gentle', 'fast'] as const) : (['fast'] as const))(
    'counts each of 60 sessions among many jobs without a TTL (%s)',
    async (pace) => {
      await many(30_000, (at) => ['SET', `job:${at}`, 'x']);
      await many(60, (at) => ['SET', `sess:${at}`, sessionOf(100), 'EX', 1_000]);
      const { tally } = await runSweep(store.connect, { settings: { pace, sampleEvery: 100 }, reading: { parts: 1 } });
      expect(tally.byDialect['connect-redis']?.sampled).toBe(60);
      expect(tally.unknown).toBe(30_000);
    },
  );

  it('of many keys weighs one in some, from another start each time, and comes near to the number of sessions', async () => {
    await many(40_000, (at) => ['SET', at % 2 === 0 ? `sess:${at}` : `cache:${at}`, sessionOf(100), 'EX', 1_000]);
    const found: number[] = [];
    for (const sweepId of FULL ? ['a', 'b', 'c', 'd'] : ['a', 'b']) {
      const { tally } = await runSweep(store.connect, { sweepId, settings: { sampleEvery: 100 }, reading: { parts: 1 } });
      const sessions = tally.byDialect['connect-redis']?.sampled ?? 0;
      // Of 10,000 sampled keys half are sessions, ± 43, each of which stands for four.
      expect(Math.abs(sessions - 20_000)).toBeLessThan(1_000);
      expect(Math.abs(tally.sizes.reduce((sum, keys) => sum + keys) - 40_000)).toBeLessThan(200);
      found.push(sessions);
    }
    expect(new Set(found).size).toBeGreaterThan(1);
  });

  it.each([...(FULL ? ([['gentle', true]] as const) : []), ['fast', false]] as const)(
    '%s finds the largest of all sessions: %s',
    async (pace, isAll) => {
      await many(40_000, (at) => ['SET', `sess:${at}`, sessionOf(at < 25 ? 100_000 + 1_000 * at : 100), 'EX', 1_000]);
      await redis.set('cache:huge', 'x'.repeat(1_000_000), 'EX', 1_000);
      const dump = await redis.dumpBuffer('sess:24');
      await redis.call('RESTORE', 'sess:unused', 1_000_000, dump, 'IDLETIME', 500);
      const { tally } = await runSweep(store.connect, { settings: { pace, sampleEvery: 100_000 }, reading: { parts: 1 } });
      expect(tally.large.filter(({ bytes }) => bytes > 100_000).length === 20).toBe(isAll);
      if (isAll) expect(tally.large.some(({ id }) => id === hashId(Buffer.from('sess:unused')))).toBe(true);
      // A key that was measured only for its size represents no others: one in four does.
      expect(Math.abs(tally.sizes.reduce((sum, count) => sum + count) - 40_000)).toBeLessThan(200);
      // To be weighed is no use of a session.
      expect(await redis.object('IDLETIME', 'sess:unused')).toBeGreaterThanOrEqual(500);
    },
  );

  it.each([
    ['of a gentle sweep', { pace: 'gentle', sampleEvery: 100_000 }],
    ['of a sample', { pace: 'fast', sampleEvery: 1 }],
    ['where the store allows no scripts', { pace: 'fast', sampleEvery: 1 }],
  ] as const)('the one large attribute of a session is in its size: %s', async (how, settings) => {
    const LARGE = 10;
    for (let at = 0; at < 60; at += 1) {
      const key = `spring:session:sessions:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
      const fields = Array.from({ length: 40 }, (_, field) => [`sessionAttr:${field}`, 'x'.repeat(100)] as const);
      await redis.hset(key, Object.fromEntries([...fields, ...(at < LARGE ? [['sessionAttr:cart', 'x'.repeat(300_000)]] : [])]));
      await redis.expire(key, 1_000);
    }
    await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
    const connect = async () => {
      const client = await store.connect();
      if (how.endsWith('scripts')) await client.call('AUTH', 'no-scripts', '');
      return client;
    };
    const { tally } = await runSweep(connect, { settings });
    const sizes = tally.large.map(({ bytes }) => bytes).filter((bytes) => bytes > 200_000);
    expect(sizes).toHaveLength(LARGE);
    // It is measured, not taken for the size of other attributes too.
    for (const bytes of sizes) expect(bytes).toBeLessThan(500_000);
  });
});
