import type { EnteredPhase, TargetProgress } from './record-types.ts';

/**
 * Entries that a target's history keeps; later ones are not written. A roll has 7 phases and each way back 8: a deploy and
 * two ways back. At some 40 bytes an entry, 100 targets take 100 KB of the 400 KB that an item of DynamoDB may have.
 */
export const MOST_PHASES = 24;

/** The phase that a change of a target's progress enters; undefined when it enters none. */
export function enteredPhase({ phase, phaseStartedAtMs, finishedAtMs }: Partial<TargetProgress>): EnteredPhase | undefined {
  const startedAtMs = phaseStartedAtMs ?? finishedAtMs;
  return phase === undefined || startedAtMs === undefined ? undefined : { phase, startedAtMs };
}
