import type { SweepRecord, SweepSummary } from '../../sweep/contract/record.ts';
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
    return { takenAtMs, facts: { sweeps: sweeps.map((sweep) => factsOf(sweep, sweeps)) } };
  };
}

/** A sweep that went on from another one has its numbers too: each counts what it did itself. */
function factsOf(
  { sweepId, startedAtMs, status, summary, unfinished }: SweepRecord,
  all: readonly SweepRecord[],
): SweepFacts['sweeps'][number] {
  const before = all.find((one) => one.sweepId === unfinished?.sweepIds[1])?.summary;
  const own = (of: (counts: SweepSummary) => number) => (summary ? of(summary) : 0) - (summary && before ? of(before) : 0);
  return {
    sweepId,
    startedAtMs,
    status,
    repaired: own(({ repaired, deleted }) => repaired + deleted),
    shortened: own(({ shortened = 0 }) => shortened),
    ...(summary?.unconfirmed && { unconfirmed: summary.unconfirmed.map(({ setting }) => setting) }),
    ...(summary?.unknownGrowth && { unknownGrowth: summary.unknownGrowth }),
  };
}
