import type { DialectShare, DialectShares, KeyTotals } from '../../records/dialect-shares.ts';
import type { DialectTally, Tally } from '../contract/tally.ts';

interface ReadKeys {
  readonly tally: Tally;
  /** As many as there are. */
  readonly keys: number;
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
  for (const { tally, keys, isComplete, isRepaired = false } of samples) {
    const scale = isComplete || tally.keys === 0 ? 1 : keys / tally.keys;
    others += tally.unknownSampled * scale;
    for (const [name, dialect] of Object.entries(tally.byDialect)) {
      const { sampled, sampledBytes, sessionsWithoutTtl, bytesWithoutTtl, deleted } = dialect;
      const gone = isRepaired ? Math.min(deleted, sessionsWithoutTtl) : 0;
      byDialect[name] = {
        sessions: (byDialect[name]?.sessions ?? 0) + Math.round((sampled + sessionsWithoutTtl) * scale) - gone,
        bytesSampled: (byDialect[name]?.bytesSampled ?? 0) + Math.round((sampledBytes + bytesWithoutTtl) * scale),
        structural: previous?.byDialect[name]?.structural ?? 0,
        withoutTtl: (byDialect[name]?.withoutTtl ?? 0) + Math.round(lastingIn(dialect, isRepaired) + sessionsWithoutTtl * (scale - 1)),
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

/** Sessions that have no TTL still, of those that were read. Repaired companions are in the same number. */
function lastingIn({ sessionsWithoutTtl, companionsWithoutTtl, repaired, deleted }: DialectTally, isRepaired: boolean): number {
  if (!isRepaired) return sessionsWithoutTtl;
  return Math.max(0, Math.min(sessionsWithoutTtl, sessionsWithoutTtl + companionsWithoutTtl - repaired - deleted));
}
