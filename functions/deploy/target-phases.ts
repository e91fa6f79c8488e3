import type { Records } from '../records/records.ts';
import { PHASES, type Phase, type TargetProgress } from '../records/types.ts';
import { UNKNOWN_RELEASE } from '../shared/version.ts';
import type { DeployContext } from './contract/common.ts';
import type { Roll } from './contract/roll.ts';
import { StepOvertaken } from './errors.ts';

/** Phases of a roll that has not ended, in order. */
export const UNENDED: readonly Phase[] = PHASES.slice(0, PHASES.indexOf('done'));

/**
 * Phases from which a roll's step enters one. A roll only goes forward; a step that is delivered twice enters its phase again. The
 * failure of the last step is recorded over the end that it has recorded itself.
 */
function phasesBefore(phase: Phase): readonly Phase[] {
  if (phase === 'failed') return [...UNENDED, 'done', 'rolledBack', 'failed'];
  return UNENDED.includes(phase) ? UNENDED.slice(0, UNENDED.indexOf(phase) + 1) : [...UNENDED, phase];
}

/** Whether a roll or a rollback of the target is over. */
export const hasEnded = ({ phase }: Pick<TargetProgress, 'phase'>): boolean => ['done', 'failed', 'rolledBack'].includes(phase);

/** Whether the roll is the one that the target's record names. */
export const isOfRoll = (target: Pick<TargetProgress, 'executionName'> | undefined, { executionName }: Roll): boolean =>
  executionName === undefined || target?.executionName === executionName;

/**
 * Changes a target's progress by a step of its roll. A step can end long after the procedure went on without it: its function
 * was started twice, or its answer was lost.
 * @returns false, and nothing is changed, when a later step or another roll has changed the target since
 */
export const recordStep = (
  records: Records,
  { fleet, deployId }: Pick<DeployContext, 'fleet' | 'deployId'>,
  { instanceId, executionName }: Pick<Roll, 'instanceId' | 'executionName'>,
  progress: Partial<TargetProgress>,
): Promise<boolean> =>
  records.updateTarget(fleet, deployId, instanceId, progress, {
    executionName,
    phases: progress.phase === undefined ? UNENDED : phasesBefore(progress.phase),
  });

/**
 * Writes that a target enters a phase, in its history too, and starts the phase's clock in its roll.
 * @throws StepOvertaken when the target is past the phase, before the step has any other effect
 */
export async function enterPhase(
  records: Records,
  deploy: Pick<DeployContext, 'fleet' | 'deployId'>,
  roll: Roll,
  entered: Partial<TargetProgress> & Pick<TargetProgress, 'phase' | 'phaseStartedAtMs'>,
): Promise<Roll> {
  if (!(await recordStep(records, deploy, roll, entered))) {
    throw new StepOvertaken(`${roll.instanceId} can no longer enter phase ${entered.phase} by this step of deploy ${deploy.deployId}`);
  }
  return { ...roll, commandId: undefined, phaseStartedAtMs: entered.phaseStartedAtMs };
}

/** When the drain that a target is in first began, in milliseconds since the epoch; undefined when it does not drain. */
export function drainingSince(phases: TargetProgress['phases'] = []): number | undefined {
  const before = phases.findLastIndex(({ phase }) => phase !== 'draining');
  return phases[before + 1]?.startedAtMs;
}

export interface RolledReleases {
  /** On the instance before. */
  readonly fromVersion: string;
  /** Brought by the roll: the deploy's own, or the one that a rollback goes back to. */
  readonly version: string;
  readonly isRollback: boolean;
}

/** Which releases a roll replaces and brings, by the target's record. */
export function releasesOf(deploy: Pick<DeployContext, 'version'>, target: TargetReleases | undefined): RolledReleases {
  if (target?.rollingBackTo !== undefined) return { fromVersion: deploy.version, version: target.rollingBackTo, isRollback: true };
  return { fromVersion: target?.fromVersion ?? UNKNOWN_RELEASE, version: deploy.version, isRollback: false };
}

type TargetReleases = Pick<TargetProgress, 'fromVersion' | 'rollingBackTo'>;
