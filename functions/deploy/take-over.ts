/** What a deploy takes over from an incident that keeps the fleet's servers. Pure. */
import type { OpenSuspension } from '../records/suspension.ts';
import type { LockRecord } from '../records/types.ts';
import type { DeployContext } from './contract/common.ts';

/** An operator's deploy or restart can be the repair. One that a runbook starts waits for the incident like any other. */
export const mayTakeOver = ({ requestedBy }: Pick<DeployContext, 'requestedBy'>): boolean => !requestedBy.startsWith('incident ');

/** An incident keeps the servers, and no deploy has taken that over yet. */
export const isIncidents = (suspension: Pick<OpenSuspension, 'deployId'> | undefined): boolean =>
  suspension?.deployId.startsWith('inc-') === true;

/** A sentence, true also of a deploy that is refused before it suspends anything, about what an incident has left suspended, by the fleet's record, or undefined. */
export function describeTakenOver({ suspension }: Partial<LockRecord> = {}): string | undefined {
  if (suspension === undefined || !isIncidents(suspension)) return undefined;
  const { deployId, suspendedByDeploy } = suspension;
  return `incident ${deployId} kept Auto Scaling from replacing servers: this deploy takes over ${suspendedByDeploy.join(' and ')}, which stay suspended, before it begins with the first server, and resumes them at its end; if it is refused before that, they are left to the incident`;
}
