/** What a sweep reports whose time was over before it had read every key. Pure. */
import type { DialectShares, KeyTotals } from '../../records/dialect-shares.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { SweepContext } from '../contract/steps.ts';
import type { SweepReport } from './make-report.ts';
import { mergeTallies } from './merge-tallies.ts';
import { refreshShares } from './refresh-shares.ts';

export function withPause(made: SweepReport, { unfinished }: SweepContext, total: KeyTotals | undefined): SweepReport {
  const paused = { ...(total && { ofKeys: total.keys }), goesOn: unfinished !== undefined };
  return { ...made, summary: { ...made.summary, paused } };
}

/** Shares by the keys that it has read: a sample of the store. Undefined where it has read none, or the number of keys is not known. */
export function sharesOfPaused(
  { checkpoints, dryRun }: { readonly checkpoints: readonly Checkpoint[]; readonly dryRun: boolean },
  total: KeyTotals | undefined,
  known: DialectShares | undefined,
  nowMs: number,
): DialectShares | undefined {
  const tally = mergeTallies(checkpoints.map((checkpoint) => checkpoint.tally));
  if (total === undefined || tally === undefined || tally.keys === 0) return known && { ...known, sweptAtMs: nowMs };
  return refreshShares([{ tally, keys: total.keys, isComplete: false, isRepaired: !dryRun }], known, total, nowMs);
}
