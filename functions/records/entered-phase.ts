import type { EnteredPhase, TargetProgress } from './types.ts';

/**
 * Maximum number of entries in a target's history; later ones are not written. A roll has 12 phases and each rollback 13: a
 * deploy and two rollbacks. At some 40 bytes per entry they are 1.6 KB of the 400 KB that a target's item can have.
 */
export const MAX_PHASES = 40;

/** The phase that a change of a target's progress enters; undefined when it enters none. */
export function enteredPhase({ phase, phaseStartedAtMs, finishedAtMs }: Partial<TargetProgress>): EnteredPhase | undefined {
  const startedAtMs = phaseStartedAtMs ?? finishedAtMs;
  return phase === undefined || startedAtMs === undefined ? undefined : { phase, startedAtMs };
}
