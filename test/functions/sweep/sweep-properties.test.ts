/** What holds whatever is in the store: random mixtures of dialects, some keys with a TTL, swept by each method. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { plantable } from './planted.ts';
import { random } from './random.ts';
import { type RealStore, snapshot, startStore } from './real-store.ts';
import { runSweep } from './run-sweep.ts';

vi.setConfig({ testTimeout: 90_000 });

let store: RealStore;
/** Whether reads can be kept from counting as use: not on Redis 7.0. */
let keepsIdle: boolean;
beforeAll(async () => {
  store = await startStore();
  keepsIdle = await store.redis.call('CLIENT', 'NO-TOUCH', 'OFF').then(
    () => true,
    () => false,
  );
  await store.redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-eval', '-eval_ro', '-evalsha', '-evalsha_ro');
});
afterAll(() => store?.stop());

describe.each(['script', 'pipeline'] as const)('after a sweep by %s', (method) => {
  const connect = async () => {
    const one = await store.connect();
    if (method === 'pipeline') await one.call('AUTH', 'no-scripts', '');
    return one;
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'no session is left without a TTL, nothing else was touched, no value or TTL lost (seed %i)',
    async (seed) => {
      const { redis } = store;
      await redis.flushall();
      const next = random(seed);
      const nowMs = Date.now();
      const planted = new Map<string, { repairs: boolean; ttl: number }>();
      const groups = 1 + Math.floor(next() * 12);
      for (let group = 0; group < groups; group += 1) {
        for (const one of plantable(seed * 1_000 + group, nowMs, nowMs - Math.floor(next() * 7_200_000))) {
          if (next() < 0.3 || planted.has(one.key)) continue;
          await one.plant(redis);
          const ttl = next() < 0.4 ? 100 + Math.floor(next() * 100_000) : -1;
          if (ttl > 0) await redis.expire(one.key, ttl);
          planted.set(one.key, { repairs: one.remainingSeconds !== undefined, ttl });
        }
      }
      const before = await snapshot(redis);
      const checkpoint = await runSweep(connect, {
        settings: { sampleEvery: 1 + Math.floor(next() * 5) },
        budgetMs: next() < 0.5 ? 0 : 20_000,
      });
      const after = await snapshot(redis);

      expect(checkpoint.method).toBe(method);
      expect([...after.keys()].toSorted()).toEqual([...before.keys()].toSorted());
      expect(planted.size).toBeGreaterThan(5);
      let left = 0;
      for (const [key, { repairs, ttl }] of planted) {
        const now = after.get(key);
        expect([key, now?.dump]).toEqual([key, before.get(key)?.dump]);
        if (ttl > 0) expect([key, ttl - (now?.ttl ?? -2) < 20]).toEqual([key, true]);
        else if (repairs && !keepsIdle && now?.ttl === -1) left += 1;
        else expect([key, now !== undefined && (repairs ? now.ttl > 0 : now.ttl === -1)]).toEqual([key, true]);
      }
      // Where reads count as use, sessions whose names other programs use too are not read, and counted as such.
      const unverified = Object.values(checkpoint.tally.byDialect).reduce((sum, { unrepaired }) => sum + (unrepaired.unverified ?? 0), 0);
      expect(left).toBeLessThanOrEqual(unverified);
      if (keepsIdle) expect(unverified).toBe(0);
      // Nothing is left for a second one.
      const again = await runSweep(connect, { sweepId: 'again' });
      expect(Object.values(again.tally.byDialect).reduce((sum, { repaired }) => sum + repaired, 0)).toBe(0);
    },
  );
});
