import type { SweepRecords } from '../sweep-records.ts';

/**
 * Without a lease for longer than this, a sweep that is RUNNING on record was stopped from outside: slots that move let it wait
 * for an hour, in which it holds no shard.
 */
const SILENT_MS = 70 * 60_000;

/**
 * The last started sweep while it runs. Another one would take the units that it has finished, and fail on the others.
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
