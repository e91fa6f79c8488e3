import type { SweepRecords } from '../sweep-records.ts';

/**
 * A sweep that is RUNNING on record but has held no lease for longer than this was stopped from outside. It is more than an hour because a
 * sweep holds no shard while it waits for moving slots, for up to an hour.
 */
const SILENT_MS = 70 * 60_000;

/**
 * The sweep that started last, if it still runs. Another sweep at the same time would take over the units that it has finished, and fail on
 * the others.
 * @param sweepId of the sweep that asks
 * @returns its id
 */
export async function findRunningSweep(
  records: Pick<SweepRecords, 'lastStart' | 'getSweep' | 'heldUntil'>,
  sweepId: string,
  nowMs: number,
): Promise<string | undefined> {
  const last = await records.lastStart();
  if (last === undefined || last.failed || last.sweepId === sweepId) return undefined;
  const record = await records.getSweep(last.sweepId);
  if (record?.status !== 'RUNNING') return undefined;
  const leases = await Promise.all(record.shards.map((shard) => records.heldUntil(shard, last.sweepId)));
  const lastSignMs = Math.max(last.startedAtMs, ...leases.map((untilMs) => untilMs ?? 0));
  return nowMs - lastSignMs < SILENT_MS ? last.sweepId : undefined;
}
