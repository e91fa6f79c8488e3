import type { DeployRecords } from '../records/records.ts';
import type { Phase, TargetProgress } from '../records/types.ts';
import type { DeployContext } from './contract/common.ts';
import type { Roll } from './contract/roll.ts';

/** Writes that a target enters a phase, in its history too, and starts the phase's clock in its roll. */
export async function enterPhase(
  records: Pick<DeployRecords, 'updateTarget'>,
  deploy: Pick<DeployContext, 'fleet' | 'deployId'>,
  roll: Roll,
  phase: Phase,
  nowMs: number,
  more: Partial<TargetProgress> = {},
): Promise<Roll> {
  await records.updateTarget(deploy.fleet, deploy.deployId, roll.instanceId, { ...more, phase, phaseStartedAtMs: nowMs });
  return { ...roll, commandId: undefined, phaseStartedAtMs: nowMs };
}

/** The releases of one roll. */
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
  return { fromVersion: target?.fromVersion ?? 'unknown', version: deploy.version, isRollback: false };
}

type TargetReleases = Pick<TargetProgress, 'fromVersion' | 'rollingBackTo'>;
