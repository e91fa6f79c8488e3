/** A histogram of latencies whose bounds grow by a tenth: small enough for a checkpoint, and mergeable. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { LatencyHistogram } from '../contract/checkpoint.ts';

const FIRST_MS = 0.02;
const GROWTH = 1.1;

export function recordLatency(classes: number[], ms: number): void {
  const at = Math.max(0, Math.ceil(Math.log(ms / FIRST_MS) / Math.log(GROWTH)));
  while (classes.length <= at) classes.push(0);
  classes[at] = (classes[at] as number) + 1;
}

/** @param percent from 0 to 100. @returns milliseconds; 0 for an empty histogram */
export function percentile(classes: LatencyHistogram, percent: number): number {
  const total = sumOf(classes);
  let seen = 0;
  for (const [at, count] of classes.entries()) {
    seen += count;
    if (total > 0 && seen >= (total * percent) / 100) return FIRST_MS * GROWTH ** at;
  }
  return 0;
}

export function mergeHistograms(one: LatencyHistogram, other: LatencyHistogram): LatencyHistogram {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, at) => (one[at] ?? 0) + (other[at] ?? 0));
}
