/** Sessions in JSON: reading one changes nothing in it, only its idle time. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SWEEP_SETTINGS } from '../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../functions/sweep/keys/classify-key.ts';
import { createDeleteBudget } from '../../../functions/sweep/pages/apply-repairs.ts';
import { handlePage, type PageWork } from '../../../functions/sweep/pages/handle-page.ts';
import { openSweepStore } from '../../../functions/sweep/store/open-sweep-store.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { type RealStore, startStoreOn } from './real-store.ts';
import { hashId, runSweep } from './run-sweep.ts';

const SETTINGS = { ...DEFAULT_SWEEP_SETTINGS, policy: 'delete', jitterSeconds: 0 } as const;
const OVER = JSON.stringify({ cookie: { originalMaxAge: 60_000, expires: '2026-01-01T00:00:00.000Z' } });

describe.each(STORE_ENGINES)('a session in JSON that is past its life, on $name', (engine) => {
  const canKeepIdle = engine.engine === 'valkey' || Number.parseFloat(engine.version) >= 7.2;
  let store: RealStore;
  let redis: Redis;
  beforeAll(async () => {
    store = await startStoreOn(engine);
    redis = store.redis;
    await redis.call('ACL', 'SETUSER', 'touching', 'on', 'nopass', '~*', '+@all', ...(canKeepIdle ? ['-client|no-touch'] : []));
  });
  beforeEach(async () => {
    await redis.flushall();
    await redis.set('sess:1', OVER);
    await redis.call('RESTORE', 'sess:1', '0', await redis.dumpBuffer('sess:1'), 'REPLACE', 'IDLETIME', '9999');
  });
  afterAll(() => store?.stop());

  const handleAfter = async (between: () => Promise<unknown>) => {
    const client = await store.connect();
    const view = await openSweepStore(client);
    const page = await view.page({ cursor: '0', count: 100, sampleEvery: 64, sinceSample: 0, largeFromBytes: 0 });
    await between();
    const work: PageWork = {
      store: view,
      classify: createClassify(SETTINGS),
      hashId,
      settings: SETTINGS,
      dryRun: false,
      deletes: createDeleteBudget(10, 0, async () => undefined),
      primarySinceMs: 0,
      nowMs: Date.now(),
    };
    const { handled } = await handlePage(page, work);
    client.disconnect();
    return handled.map(({ repair }) => repair);
  };

  it.runIf(canKeepIdle)('is deleted: the sweep’s own reads do not count as use', async () => {
    expect(await handleAfter(async () => undefined)).toEqual([{ action: 'delete' }]);
    expect(await redis.exists('sess:1')).toBe(0);
  });

  it.runIf(canKeepIdle)('is not deleted when the application read it since its page was read', async () => {
    expect(await handleAfter(() => redis.get('sess:1'))).toEqual([{ action: 'leave', reason: 'changed-meanwhile' }]);
    expect(await redis.ttl('sess:1')).toBe(-1);
  });

  it.runIf(canKeepIdle).each(['gentle', 'fast'] as const)('keeps its idle time when a %s sweep leaves it', async (pace) => {
    await runSweep(store.connect, { settings: { policy: 'expire', pace }, dryRun: true });
    expect(Number(await redis.object('IDLETIME', 'sess:1'))).toBeGreaterThan(9_000);
  });

  it('is not deleted by a user whose reads count as use: it gets the shortest TTL', async () => {
    const connect = async () => {
      const one = await store.connect();
      await one.call('AUTH', 'touching', '');
      return one;
    };
    const { tally } = await runSweep(connect, { settings: SETTINGS });
    expect(tally.byDialect['connect-redis']).toMatchObject({ repaired: 1, deleted: 0 });
    expect(await redis.ttl('sess:1')).toBe(SETTINGS.minTtlSeconds);
  });

  it.runIf(!canKeepIdle)('is never deleted where the engine counts the sweep’s reads as use', async () => {
    expect(await handleAfter(async () => undefined)).toEqual([{ action: 'expire', seconds: SETTINGS.minTtlSeconds }]);
  });
});
