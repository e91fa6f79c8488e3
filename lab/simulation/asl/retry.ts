import type { Retrier } from './definition.ts';
import { matches } from './errors.ts';

/** How often each retrier of a state has repeated its task, in the order of the retriers, since the state was entered. */
export type RetryCounts = number[];

/**
 * Whether the task is repeated: the first retrier that names the error decides, with a count of its own. Counts the repetition.
 * @returns seconds until then; undefined: it is not repeated
 */
export function nextRetrySeconds(retriers: readonly Retrier[], counts: RetryCounts, error: string): number | undefined {
  const index = retriers.findIndex(({ ErrorEquals }) => matches(ErrorEquals, error));
  const retrier = retriers[index];
  if (!retrier) return undefined;
  const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
  const before = counts[index] ?? 0;
  if (before >= MaxAttempts) return undefined;
  counts[index] = before + 1;
  return Math.min(IntervalSeconds * BackoffRate ** before, MaxDelaySeconds);
}
