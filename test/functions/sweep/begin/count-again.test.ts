/** Sessions are counted again between two sweeps, on a real server of each engine. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSweep, type SweepPorts } from '../../../../functions/sweep/sweep.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { type RealStore, startStoreOn } from '../real-store.ts';
import { begin, beginOf, portsOf, sweepToEnd } from '../steps-of-sweep.ts';

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
    for (let at = from; at < to; at += 1) pipeline.set(`${name}:${at}`, 'x', 'EX', 1_000);
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
});
