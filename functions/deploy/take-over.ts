/** What a deploy takes over from an incident that keeps the fleet's servers, and hands back to it. Pure. */
import type { OpenSuspension } from '../records/suspension.ts';
import type { LockRecord } from '../records/types.ts';
import { holdfast, OWN_OPTIONS } from '../shared/command-options.ts';
import type { DeployContext } from './contract/common.ts';

/** An operator's deploy or restart can be the repair. One that a runbook starts waits for the incident like any other. */
export const mayTakeOver = ({ requestedBy }: Pick<DeployContext, 'requestedBy'>): boolean => !requestedBy.startsWith('incident ');

/** An incident keeps the servers, and no deploy has taken that over, or the last one has handed it back. */
export const isIncidents = (suspension: Pick<OpenSuspension, 'deployId'> | undefined): boolean =>
  suspension?.deployId.startsWith('inc-') === true;

/**
 * A sentence about what an incident keeps suspended, by the fleet's record, true also of a deploy that is refused, or undefined.
 * @param options of a command about the fleet
 */
export function describeTakenOver({ suspension, kept }: Partial<LockRecord> = {}, options = OWN_OPTIONS): string | undefined {
  const its = isIncidents(suspension) ? suspension : undefined;
  const incidentId = its?.deployId ?? kept?.incidentId;
  if (incidentId === undefined) return undefined;
  const processes = its?.suspendedByDeploy ?? kept?.suspended ?? [];
  return `incident ${incidentId} keeps Auto Scaling from replacing servers: ${processes.join(' and ')} stay suspended, also after this deploy, until the store is well; to end that sooner: ${holdfast(`incidents release ${incidentId} ${options}`)}`;
}
