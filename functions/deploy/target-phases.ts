import type { TargetProgress } from '../shared/record-types.ts';
import type { DeployRecords } from '../shared/records.ts';
import type { DeployContext, Phase, Roll } from './contract.ts';

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

/** The release that a roll brings: the deploy's, or the one that a rollback goes back to. */
export function versionOf(deploy: Pick<DeployContext, 'version'>, roll: Pick<Roll, 'toVersion'>): string {
  return roll.toVersion ?? deploy.version;
}
