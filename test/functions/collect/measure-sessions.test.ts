/** The size of a session, on a real server of each engine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesPerSession } from '../../../functions/collect/estimate-sessions.ts';
import { readNode } from '../../../functions/collect/read-node.ts';
import { makeReport, sharesOf } from '../../../functions/sweep/report/make-report.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { type RealStore, startStoreOn } from '../sweep/real-store.ts';
import { contextOf, runSweep } from '../sweep/run-sweep.ts';

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  beforeAll(async () => {
    store = await startStoreOn(engine);
  });
  afterAll(() => store?.stop());

  /** Sessions of 300 B, and what MEMORY USAGE reports of one. */
  async function plant(sessions: number) {
    await store.redis.flushall();
    const script =
      "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'sess:' .. string.format('%032d', i), '{\"cookie\":{\"expires\":null},\"a\":\"' .. string.rep('x', 266) .. '\"}', 'EX', 1800) end";
    await store.redis.eval(script, 0, sessions);
    const measured = Number(await store.redis.call('MEMORY', 'USAGE', `sess:${'1'.padStart(32, '0')}`));
    return { datasetBytes: readNode('a:1', await store.redis.info()).datasetBytes, measured };
  }

  it.each([20, 1_000, 100_000])('%i sessions are what a sweep measured', async (sessions) => {
    const { datasetBytes, measured } = await plant(sessions);
    const settings = { sampleEvery: 8 };
    const checkpoint = await runSweep(store.connect, { settings });
    const shares = sharesOf(makeReport(contextOf({ settings }), [checkpoint], 0), undefined);
    const size = bytesPerSession(shares, { datasetBytes, sessions, hasOtherKeys: false });
    expect(size).toBe(measured);
    expect(size).toBeLessThan(500);
  });

  it.each([20, 1_000])('%i sessions are too few to estimate from the dataset', async (sessions) => {
    const { datasetBytes } = await plant(sessions);
    expect(bytesPerSession(undefined, { datasetBytes, sessions, hasOtherKeys: false })).toBeUndefined();
  });

  it('100,000 sessions are estimated from the dataset before the first sweep, to a tenth', async () => {
    const { datasetBytes, measured } = await plant(100_000);
    const estimated = bytesPerSession(undefined, { datasetBytes, sessions: 100_000, hasOtherKeys: false }) ?? 0;
    expect(Math.abs(estimated - measured) / measured).toBeLessThan(0.1);
    expect(bytesPerSession(undefined, { datasetBytes, sessions: 100_000, hasOtherKeys: true })).toBeUndefined();
  });
});
