import type { DialectShare, DialectShares, KeyTotals } from '../../records/dialect-shares.ts';
import type { Tally } from '../contract/tally.ts';

interface ReadKeys {
  readonly tally: Tally;
  /** As many as there are. */
  readonly keys: number;
  /** All of them were read. */
  readonly isComplete: boolean;
}

/**
 * The shares of dialects by a sample. What a sample cannot show stays as the last full sweep found it: keys without a TTL, and the
 * largest sessions. Pure.
 */
export function refreshShares(
  samples: readonly ReadKeys[],
  previous: DialectShares | undefined,
  counts: KeyTotals | undefined,
  takenAtMs: number,
): DialectShares {
  const byDialect: Record<string, DialectShare> = {};
  let others = 0;
  for (const { tally, keys, isComplete } of samples) {
    const scale = isComplete || tally.keys === 0 ? 1 : keys / tally.keys;
    others += tally.unknownSampled * scale;
    for (const [name, { sampled, sampledBytes, sessionsWithoutTtl, bytesWithoutTtl }] of Object.entries(tally.byDialect)) {
      const known = previous?.byDialect[name];
      byDialect[name] = {
        sessions: (byDialect[name]?.sessions ?? 0) + Math.round((sampled + sessionsWithoutTtl) * scale),
        bytesSampled: (byDialect[name]?.bytesSampled ?? 0) + Math.round((sampledBytes + bytesWithoutTtl) * scale),
        structural: known?.structural ?? 0,
        withoutTtl: known?.withoutTtl ?? 0,
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
