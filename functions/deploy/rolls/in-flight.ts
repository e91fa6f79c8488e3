import type { TargetProgress } from '../../records/types.ts';
import { hasEnded } from '../target-phases.ts';

type Targets = Readonly<Record<string, TargetProgress>>;

/** A target that a roll works on, with the name of its execution. */
export interface TargetInFlight extends TargetProgress {
  readonly instanceId: string;
  readonly executionName: string;
}

/**
 * The targets that rolls work on, by the record: from being chosen until done with their bake, or back in their place after a failure. An
 * execution that died has recorded no end itself; that it died is on record.
 */
export const targetsAtWork = (targets: Targets): readonly TargetInFlight[] =>
  Object.entries(targets).flatMap(([instanceId, target]) => {
    const { executionName, died } = target;
    if (executionName === undefined || died === executionName || hasEnded(target) || target.phase === 'skipped') return [];
    return [{ ...target, instanceId, executionName }];
  });

/** Targets whose roll has failed in the last minutes: its execution can have more to do after the failure is on record. */
export const failedLately = (targets: Targets, nowMs: number): readonly TargetInFlight[] =>
  Object.entries(targets).flatMap(([instanceId, target]) => {
    const { executionName, died, phase, finishedAtMs = 0 } = target;
    const isLate = phase === 'failed' && nowMs - finishedAtMs < LONGEST_AFTERMATH_MS;
    return isLate && executionName !== undefined && died !== executionName ? [{ ...target, instanceId, executionName }] : [];
  });

/** Putting the target back is on record before its sessions are released, which takes minutes. */
const LONGEST_AFTERMATH_MS = 1_800_000;

/** The names of their executions. */
export const namesOf = (rolls: readonly TargetInFlight[]): readonly string[] => rolls.map(({ executionName }) => executionName);

/** When the target's roll began, or its rollback. */
export const begunAtMs = ({ rollingBackTo, phases = [], startedAtMs, phaseStartedAtMs }: TargetProgress): number =>
  rollingBackTo === undefined
    ? (startedAtMs ?? phaseStartedAtMs)
    : (phases.findLast(({ phase }) => phase === 'waiting')?.startedAtMs ?? phaseStartedAtMs);
