import type { DialectShare, DialectShares, KeyTotals } from '../../records/dialect-shares.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { SweepContext } from '../contract/steps.ts';
import type { DialectTally, Tally } from '../contract/tally.ts';
import type { SweepReport } from './make-report.ts';
import { mergeTallies } from './merge-tallies.ts';

interface ReadKeys {
  readonly tally: Tally;
  /** As many as there are. */
  readonly keys: number;
  /** Of them with a TTL. Absent: the keys that were read have another TTL since. */
  readonly expires?: number;
  /** All of them were read. */
  readonly isComplete: boolean;
  /** What it counts as repaired or deleted was so: the tally of a sweep, not of a sample or a dry run. */
  readonly isRepaired?: boolean;
}

/**
 * The shares of dialects by a sample. What a sample cannot show stays as the last full sweep found it: keys that are so by design, and
 * the largest sessions. Pure.
 */
export function refreshShares(
  samples: readonly ReadKeys[],
  previous: DialectShares | undefined,
  counts: KeyTotals | undefined,
  takenAtMs: number,
): DialectShares {
  const byDialect: Record<string, DialectShare> = {};
  let others = 0;
  for (const { tally, keys, expires, isComplete, isRepaired = false } of samples) {
    const scaleOf = (of: number, read: number) => (isComplete || read <= 0 ? 1 : of / read);
    const scale = scaleOf(keys, tally.keys);
    // Jobs without a TTL show nothing of sessions with one.
    const scaleWithTtl = expires === undefined ? scale : scaleOf(expires, withTtlIn(tally));
    const scaleLasting = expires === undefined ? scale : scaleOf(keys - expires, tally.keys - withTtlIn(tally));
    others += tally.unknownSampled * scaleWithTtl;
    for (const [name, dialect] of Object.entries(tally.byDialect)) {
      const { sampled, sampledBytes, sessionsWithoutTtl, bytesWithoutTtl, deleted } = dialect;
      const gone = isRepaired ? Math.min(deleted, sessionsWithoutTtl) : 0;
      byDialect[name] = {
        sessions: (byDialect[name]?.sessions ?? 0) + Math.round(sampled * scaleWithTtl + sessionsWithoutTtl * scaleLasting) - gone,
        bytesSampled: (byDialect[name]?.bytesSampled ?? 0) + Math.round(sampledBytes * scaleWithTtl + bytesWithoutTtl * scaleLasting),
        structural: previous?.byDialect[name]?.structural ?? 0,
        withoutTtl:
          (byDialect[name]?.withoutTtl ?? 0) + Math.round(lastingIn(dialect, isRepaired) + sessionsWithoutTtl * (scaleLasting - 1)),
      };
    }
  }
  return {
    takenAtMs,
    ...(counts && { counts }),
    othersWithTtl: Math.round(others),
    byDialect,
    largest: previous?.largest ?? [],
    largestSampledOneIn: previous?.largestSampledOneIn ?? 1,
    largestTakenAtMs: previous?.largestTakenAtMs ?? previous?.takenAtMs ?? takenAtMs,
  };
}

/** Keys with a TTL among those that were read. */
export function withTtlIn({ keys, unknown, byDialect }: Tally): number {
  const without = Object.values(byDialect).reduce(
    (sum, { structural, sessionsWithoutTtl, companionsWithoutTtl }) => sum + structural + sessionsWithoutTtl + companionsWithoutTtl,
    unknown,
  );
  return Math.max(0, keys - without);
}

/** Sessions that have no TTL still, of those that were read. Repaired companions are in the same number. */
function lastingIn({ sessionsWithoutTtl, companionsWithoutTtl, repaired, deleted }: DialectTally, isRepaired: boolean): number {
  if (!isRepaired) return sessionsWithoutTtl;
  return Math.max(0, Math.min(sessionsWithoutTtl, sessionsWithoutTtl + companionsWithoutTtl - repaired - deleted));
}

/** What a sweep reports whose time was over before it had read every key. Pure. */

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
