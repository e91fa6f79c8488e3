/** How long sessions live, as a sweep reports it of a real store. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweepLines } from '../../../../cli/sweep/sweep-lines.ts';
import type { SweepRecord } from '../../../../functions/sweep/contract/record.ts';
import { MOST_LIFE_NOTES } from '../../../../functions/sweep/contract/tally.ts';
import { makeReport } from '../../../../functions/sweep/report/make-report.ts';
import { mergeTallies } from '../../../../functions/sweep/report/merge-tallies.ts';
import { type RealStore, startStore } from '../real-store.ts';
import { contextOf, runSweep } from '../run-sweep.ts';

const DAY = 86_400;
let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());

it('median and nine in ten are reported by dialect: as declared, or what is left of the TTL', async () => {
  const pipeline = store.redis.pipeline();
  for (let at = 0; at < 1_000; at += 1) {
    const days = at % 5 === 0 ? 365 : 1;
    pipeline.set(`sess:${at}`, `{"cookie":{"originalMaxAge":${days * DAY * 1_000}}}`, 'EX', 600);
    pipeline.set(`:1:django.contrib.sessions.cache${String(at).padStart(32, '0')}`, 'x', 'EX', 100 * DAY);
  }
  await pipeline.exec();
  const checkpoint = await runSweep(store.connect, { settings: { sampleEvery: 1 } });
  const report = makeReport(contextOf({}), [checkpoint], 1_000);
  expect(report.byDialect['connect-redis']?.lives).toEqual({ medianSeconds: DAY, p90Seconds: 365 * DAY, isDeclared: true });
  const left = report.byDialect['django']?.lives;
  expect(left).toMatchObject({ isDeclared: false });
  expect(left?.medianSeconds).toBeGreaterThan(100 * DAY - 600);
  expect(checkpoint.tally.byDialect['connect-redis']?.lifeNotes).toHaveLength(MOST_LIFE_NOTES);
  // Those of another unit are merged, and each key counts once.
  const merged = mergeTallies([checkpoint.tally, checkpoint.tally])?.byDialect['connect-redis']?.lifeNotes;
  expect(merged).toEqual(checkpoint.tally.byDialect['connect-redis']?.lifeNotes);
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', dryRun: false, requestedBy: 'ann' };
  const lines = sweepLines(record as SweepRecord, report, 1_000).join('\n');
  expect(lines).toMatch(/connect-redis +24 hours +365 days +declared by the session/);
  expect(lines).toMatch(/django +100 days +100 days +left of the TTL/);
});
