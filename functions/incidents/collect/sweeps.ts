import type { SweepRecord } from '../../sweep/contract/record.ts';
import type { SweepRecords } from '../../sweep/sweep-records.ts';
import type { Collector } from '../contract/collect.ts';
import type { SweepFacts } from '../contract/evidence.ts';

export interface SweepsPorts {
  readonly records: Pick<SweepRecords, 'latestSweeps'>;
  readonly now: () => number;
}

const LATEST = 10;
/** A life that a sweep has set ends up to a day later. */
const BEFORE_MS = 24 * 3_600_000;

/** Sweeps that ran in the window or in the day before, latest first. A dry run changes nothing, and is left out. */
export function createSweeps({ records, now }: SweepsPorts): Collector<'sweeps'> {
  return async ({ fromMs, toMs }) => {
    const takenAtMs = now();
    const sweeps = (await records.latestSweeps(LATEST)).filter(
      ({ dryRun, startedAtMs, finishedAtMs = toMs }) => !dryRun && startedAtMs <= toMs && finishedAtMs >= fromMs - BEFORE_MS,
    );
    return { takenAtMs, facts: { sweeps: sweeps.map(factsOf) } };
  };
}

const factsOf = ({ sweepId, startedAtMs, status, summary }: SweepRecord): SweepFacts['sweeps'][number] => ({
  sweepId,
  startedAtMs,
  status,
  repaired: summary ? summary.repaired + summary.deleted : 0,
  shortened: summary?.shortened ?? 0,
});
