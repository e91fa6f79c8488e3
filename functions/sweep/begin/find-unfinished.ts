import type { Unfinished } from '../contract/record.ts';
import type { SweepRecords } from '../sweep-records.ts';

/** Keys that were read longer ago are read again. */
const OLDEST_MS = 3 * 24 * 3_600_000;

/**
 * What the sweep that started last has not read, if it paused, failed or was stopped from outside. One that was stopped gets a record of
 * its end. Call it only where none runs.
 * @param key of the settings that the next one has
 * @returns undefined where the next one begins anew
 */
export async function findUnfinished(
  records: Pick<SweepRecords, 'lastStart' | 'getSweep' | 'endSweep' | 'getCheckpoint'>,
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
  } else if (record?.status !== 'PAUSED' && record?.status !== 'FAILED') return undefined;
  const { unfinished, status, shards } = record;
  if (unfinished?.key !== key || !isRecent(last.startedAtMs, nowMs)) return undefined;
  // What made it fail can be in its position: it goes on for some days only.
  if (status === 'FAILED' && !isRecent(unfinished.beganAtMs, nowMs)) return undefined;
  for (const shard of shards)
    for (const id of unfinished.sweepIds) {
      const kept = await records.getCheckpoint(shard, id);
      if (kept && !kept.fault && (status !== 'FAILED' || !kept.isDone)) return unfinished;
    }
  return undefined;
}

const isRecent = (atMs: number, nowMs: number): boolean => nowMs >= atMs && nowMs - atMs < OLDEST_MS;
