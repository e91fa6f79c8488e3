/** The page script, on real engines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSweepStore } from '../../../../functions/sweep/store/open-sweep-store.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { type RealStore, startStoreOn } from '../real-store.ts';

const KEYS = 60;

describe.each(STORE_ENGINES)('a page on $name', (engine) => {
  let store: RealStore;
  beforeAll(async () => {
    store = await startStoreOn(engine);
    for (let at = 0; at < KEYS; at += 1) await store.redis.set(`sess:${at}`, 'x'.repeat(2_000), 'EX', 1_000);
  });
  afterAll(() => store?.stop());

  it.each([
    ['each', undefined, KEYS],
    ['one in four', { every: 4, since: 0 }, KEYS / 4],
    ['one in four, from where the page before ended', { every: 4, since: 3 }, KEYS / 4],
    ['none, where its turn does not come', { every: 100, since: 0 }, 0],
  ] as const)('measures %s of its keys for the largest sessions', async (_, measured, expected) => {
    const { page } = await openSweepStore(store.redis);
    const request = { cursor: '0', count: 1_000, sampleEvery: 1_000, sinceSample: 0, largeFromBytes: 1_000 };
    const { keys, larger } = await page({ ...request, ...(measured && { measured }) });
    expect(keys).toBe(KEYS);
    expect(larger).toHaveLength(expected);
    for (const { bytes } of larger) expect(bytes).toBeGreaterThan(2_000);
  });
});
