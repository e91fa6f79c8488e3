/** What a deploy takes over from an incident that keeps the fleet's servers. Pure. */
import type { LockRecord } from '../records/types.ts';
import type { DeployContext } from './contract/common.ts';

/** An operator's deploy or restart can be the repair. One that a runbook starts waits for the incident like any other. */
export const mayTakeOver = ({ requestedBy }: Pick<DeployContext, 'requestedBy'>): boolean => !requestedBy.startsWith('incident ');

/** A sentence about what an incident has left suspended, by the fleet's record, or undefined. */
export function describeTakenOver({ suspension }: Partial<LockRecord> = {}): string | undefined {
  if (!suspension?.deployId.startsWith('inc-')) return undefined;
  const { deployId, suspendedByDeploy } = suspension;
  return `incident ${deployId} kept Auto Scaling from replacing servers: this deploy takes over ${suspendedByDeploy.join(' and ')}, which stay suspended, and resumes them at its end`;
}
