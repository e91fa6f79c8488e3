/** The sample of an incident takes a key for a session by the same rule as a sweep: its name and its value. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSample } from '../../../../../functions/incidents/collect/store/read-sample.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../../../functions/sweep/keys/classify-key.ts';
import { FOREIGN } from '../../../sweep/keys/foreign.ts';
import { COOKIE } from '../../../sweep/planted.ts';
import { type RealStore, startStore } from '../../../sweep/real-store.ts';

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());

it.each([
  ['without a TTL', undefined],
  ['with a TTL', 3_600],
])('%s, no key of another program is one', async (_, seconds) => {
  const { redis } = store;
  await redis.flushall();
  for (const [, key, plant] of FOREIGN) {
    await plant(redis, key);
    if (seconds) await redis.expire(key, seconds);
  }
  await redis.set('sess:0123456789abcdef0123456789abcdef', COOKIE);
  const sample = await readSample(redis, {
    classify: createClassify(DEFAULT_SWEEP_SETTINGS),
    pages: 100,
    mayGoOn: () => true,
    primarySinceMs: undefined,
    now: Date.now,
  });
  expect(Map.groupBy(sample, ({ dialect }) => dialect).get('unknown')?.length).toBe(FOREIGN.length);
  expect(sample.filter(({ dialect }) => dialect !== 'unknown')).toMatchObject([{ dialect: 'connect-redis', role: 'session' }]);
});
