import { expect, it } from 'vitest';
import { sweepLines } from '../../../cli/sweeps/sweep-lines.ts';
import type { SweepRecord } from '../../../functions/sweep/contract.ts';
import { makeReport } from '../../../functions/sweep/report/make-report.ts';
import { contextOf } from '../../functions/sweep/run-sweep.ts';

it('prints sizes in units; the report has bytes', () => {
  const report = makeReport(contextOf({}), [], 1_000);
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', dryRun: false, requestedBy: 'ann' };
  const lines = sweepLines(record as SweepRecord, report, 1_000).join('\n');
  expect(lines).toMatch(/^ {2}≤ 64 KiB +0$/m);
  expect(lines).toMatch(/^ {2}> 16 MiB +0$/m);
  expect(Object.keys(report.sizes)).toContain('≤ 65536 B');
});
