/** Sessions are counted again between two sweeps, on a real server of each engine. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DialectShares } from '../../../../functions/records/dialect-shares.ts';
import { createSweep, type SweepPorts } from '../../../../functions/sweep/sweep.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { COOKIE } from '../planted.ts';
import { type RealStore, startStoreOn } from '../real-store.ts';
import { begin, beginOf, portsOf, sweepToEnd } from '../steps-of-sweep.ts';

const MINUTE = 60_000;

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let ports: SweepPorts;
  let nowMs: number;
  beforeAll(async () => {
    store = await startStoreOn(engine);
  });
  beforeEach(async () => {
    await store.redis.flushall();
    nowMs = Date.now();
    ports = portsOf(() => store.connect(), [], { now: () => nowMs });
  });
  afterAll(() => store?.stop());

  const plant = async (name: string, from: number, to: number) => {
    const pipeline = store.redis.pipeline();
    for (let at = from; at < to; at += 1) pipeline.set(`${name}:${at}`, name === 'sess' ? COOKIE : 'x', 'EX', 1_000);
    await pipeline.exec();
  };
  const check = () => createSweep(ports)(beginOf('check', { requestedBy: 'check', check: true }, nowMs));

  it('by a check, where the number of keys has changed by a tenth; and that is no sweep', async () => {
    await plant('sess', 0, 200);
    await sweepToEnd(ports, await begin(ports, 'first'));
    const full = await ports.shares();
    expect(full).toMatchObject({
      counts: { keys: 200, expires: 200 },
      othersWithTtl: 0,
      byDialect: { 'connect-redis': { sessions: 200 } },
    });
    await plant('cache', 0, 10);
    nowMs += 60_000;
    expect(await check()).toEqual({ verdict: 'SKIP' });
    expect(await ports.shares()).toEqual(full);
    await plant('cache', 10, 192);
    expect(await check()).toEqual({ verdict: 'SKIP' });
    expect(await ports.shares()).toMatchObject({
      takenAtMs: nowMs,
      sweptAtMs: full?.takenAtMs,
      counts: { keys: 392, expires: 392 },
      othersWithTtl: 192,
      byDialect: { 'connect-redis': { sessions: 200 } },
    });
  });

  it('after an hour, where a cache can hide that sessions have ended', async () => {
    await plant('sess', 0, 200);
    await plant('cache', 0, 200);
    await sweepToEnd(ports, await begin(ports, 'first'));
    const full = await ports.shares();
    await store.redis.del(Array.from({ length: 200 }, (_, at) => `sess:${at}`));
    await plant('cache', 200, 400);
    nowMs += 30 * MINUTE;
    await check();
    expect(await ports.shares()).toEqual(full);
    nowMs += 30 * MINUTE;
    await check();
    const again = await ports.shares();
    expect(again).toMatchObject({ takenAtMs: nowMs, othersWithTtl: 400, countedBy: expect.any(String), byDialect: {} });
    expect(again?.countedBy).toBe(full?.countedBy);
  });

  it('not by a sample in which jobs leave too few keys with a TTL, and by their part of these keys', async () => {
    await plant('sess', 0, 60);
    const jobs = async (from: number, to: number) => {
      const pipeline = store.redis.pipeline();
      for (let at = from; at < to; at += 1) pipeline.set(`job:${at}`, 'x');
      await pipeline.exec();
    };
    await jobs(0, 20_000);
    await sweepToEnd(ports, await begin(ports, 'first'));
    const full = await ports.shares();
    // A store that is still resizing its table shows a key twice now and then.
    expect(full?.byDialect['connect-redis']?.sessions).toBeCloseTo(60, -1);
    const sampled = async () => {
      nowMs += 61 * MINUTE;
      await check();
      return ports.shares();
    };
    await store.redis.del(Array.from({ length: 5_000 }, (_, at) => `job:${at}`));
    expect(await sampled()).toEqual(full);
    // 4,000 of 19,000 keys are sessions: a sample of keys would be some hundreds off.
    await plant('sess', 60, 4_000);
    const { takenAtMs, byDialect } = (await sampled()) as DialectShares;
    expect([takenAtMs, byDialect['connect-redis']?.sessions]).toEqual([nowMs, 4_000]);
  });
});
