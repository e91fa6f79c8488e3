/** Names of more than 1 KB, which anybody who can choose a part of a name can make: counted as unknown on the server, and never sent. */
import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LONGEST_NAME_BYTES } from '../../../functions/sweep/store/page-script.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { type RealStore, startStoreOn } from './real-store.ts';
import { runSweep, type SweepOptions } from './run-sweep.ts';

/** Some 480 KB; a pattern that tries each of its repetitions takes more than a sweep's function has. */
const HOSTILE = `blog:${'spring:session:'.repeat(32_000)}!:`;
const ofLength = (bytes: number, prefix = 'sess:') => prefix + 'x'.repeat(bytes - prefix.length);
const SESSION = JSON.stringify({ cookie: { originalMaxAge: 1_800_000 } });

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let redis: Redis;
  beforeAll(async () => {
    store = await startStoreOn(engine);
    redis = store.redis;
    await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
  });
  beforeEach(() => redis.flushall());
  afterAll(() => store?.stop());

  let opened: Redis[] = [];
  const as = (user?: string) => async () => {
    const one = await store.connect();
    if (user) await one.call('AUTH', user, '');
    opened.push(one);
    return one;
  };
  async function sweep(options: SweepOptions = {}, user?: string) {
    opened = [];
    const { tally } = await runSweep(as(user), { ...options, settings: { sampleEvery: 1, ...options.settings } });
    return { tally, bytesRead: opened.reduce((sum, { stream }) => sum + ((stream as unknown as Socket).bytesRead ?? 0), 0) };
  }

  const plantLong = async () => {
    await redis.sadd(HOSTILE, 'member');
    await redis.set(ofLength(LONGEST_NAME_BYTES + 1), SESSION);
    await redis.set(ofLength(2_000_000), SESSION);
    await redis.set(ofLength(500_000, 'session:'), SESSION, 'EX', 1_000);
    await redis.set(ofLength(500_000, 'with-ttl:'), SESSION, 'EX', 1_000);
  };

  it.each(['fast', 'gentle'] as const)('they are counted, and the sessions next to them repaired, at a %s pace', async (pace) => {
    await plantLong();
    await redis.set(ofLength(LONGEST_NAME_BYTES), SESSION);
    await redis.set('sess:1', SESSION);
    const startedMs = performance.now();
    const { tally, bytesRead } = await sweep({ settings: { pace } });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(tally).toMatchObject({ keys: 7, unknown: 3, unknownSampled: 2, byDialect: { 'connect-redis': { repaired: 2, sampled: 0 } } });
    expect(await redis.ttl('sess:1')).toBeGreaterThan(0);
    expect(await redis.ttl(ofLength(LONGEST_NAME_BYTES))).toBeGreaterThan(0);
    expect(await redis.ttl(HOSTILE)).toBe(-1);
    expect(await redis.ttl(ofLength(LONGEST_NAME_BYTES + 1))).toBe(-1);
    // INFO, the replies of pages, and no name.
    expect(bytesRead).toBeLessThan(200_000);
  });

  it('they are counted where the store allows no scripts, though their names are sent', async () => {
    await plantLong();
    await redis.set('sess:1', SESSION);
    const { tally } = await sweep({}, 'no-scripts');
    expect(tally).toMatchObject({ keys: 6, unknown: 3, unknownSampled: 2, byDialect: { 'connect-redis': { repaired: 1 } } });
  });

  it('among many keys, each page counts its own', async () => {
    const pipeline = redis.pipeline();
    for (let number = 0; number < 3_000; number += 1) {
      pipeline.set(number % 10 === 0 ? ofLength(LONGEST_NAME_BYTES + 1 + number) : `sess:${number}`, SESSION);
      pipeline.set(number % 10 === 0 ? ofLength(LONGEST_NAME_BYTES + 1 + number, 'ttl:') : `ttl:${number}`, 'x', 'EX', 1_000);
    }
    await pipeline.exec();
    const { tally } = await sweep();
    expect(tally).toMatchObject({ keys: 6_000, unknown: 300, byDialect: { 'connect-redis': { repaired: 2_700 } } });
    expect(tally.unknownSampled).toBe(3_000);
  });

  it('a run that changes lives leaves them as they are', async () => {
    await redis.set(ofLength(LONGEST_NAME_BYTES + 1), SESSION, 'EX', 10);
    await redis.set('sess:1', SESSION, 'EX', 10);
    await sweep({ lives: { change: 'raise', most: 10 } });
    expect(await redis.ttl('sess:1')).toBeGreaterThan(1_000);
    expect(await redis.ttl(ofLength(LONGEST_NAME_BYTES + 1))).toBeLessThanOrEqual(10);
  });
});
