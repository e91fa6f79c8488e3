import type { Unfinished } from '../contract/record.ts';
import type { SweepRecords } from '../sweep-records.ts';

/** Keys that were read longer ago are read again. */
const OLDEST_MS = 3 * 24 * 3_600_000;

/**
 * What the sweep that started last has not read, if it paused or was stopped from outside. One that was stopped gets a record of its end.
 * Call it only where none runs.
 * @param key of the settings that the next one has
 * @returns undefined where the next one begins anew
 */
export async function findUnfinished(
  records: Pick<SweepRecords, 'lastStart' | 'getSweep' | 'endSweep'>,
  { sweepId, key, nowMs }: { readonly sweepId: string; readonly key: string; readonly nowMs: number },
): Promise<Unfinished | undefined> {
  const last = await records.lastStart();
  if (last === undefined || last.sweepId === sweepId) return undefined;
  const record = await records.getSweep(last.sweepId);
  if (record?.status === 'RUNNING') {
    const error = {
      Error: 'SweepStopped',
      Cause: 'the sweep was stopped from outside before its end; its repairs are kept, and the next one goes on',
    };
    await records.endSweep(last.sweepId, { status: 'FAILED', finishedAtMs: nowMs, error });
  } else if (record?.status !== 'PAUSED') return undefined;
  const { unfinished } = record;
  const ageMs = nowMs - last.startedAtMs;
  return unfinished?.key === key && ageMs >= 0 && ageMs < OLDEST_MS ? unfinished : undefined;
}
