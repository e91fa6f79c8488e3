import type { Records } from '../../records/records.ts';
import { healthOf, type Registration, type TargetGroup } from '../../shared/aws/target-group.ts';
import type { DeployContext } from '../contract/common.ts';
import { recallRegistrations } from './recall-registrations.ts';

export interface RegistrationPorts {
  readonly records: Records;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
}

/** How the instance is to be registered again, on record before it is taken out. */
export async function recordRegistrations(
  { records, targetGroup }: RegistrationPorts,
  { fleet, deployId }: DeployContext,
  instanceId: string,
): Promise<readonly Registration[]> {
  const [recorded, health] = await Promise.all([records.getRegistrations(fleet, instanceId), targetGroup.describeHealth()]);
  const registrations = recallRegistrations(deployId, recorded, healthOf(instanceId, health).registrations ?? []);
  if (registrations.length > 0) await records.putRegistrations(fleet, instanceId, { deployId, registrations });
  return registrations;
}

/** Records how the load balancer has the instance registered now, whatever earlier deploys recorded. @returns none where it has not */
export async function recordPresent(
  { records, targetGroup }: RegistrationPorts,
  { fleet, deployId }: DeployContext,
  instanceId: string,
): Promise<readonly Registration[]> {
  const { registrations = [] } = healthOf(instanceId, await targetGroup.describeHealth());
  if (registrations.length > 0) await records.putRegistrations(fleet, instanceId, { deployId, registrations });
  return registrations;
}

/** How the instance was registered, as this deploy recorded it; undefined if it recorded nothing. */
export async function registrationsOf(
  { records }: { readonly records: Records },
  { fleet, deployId }: Pick<DeployContext, 'fleet' | 'deployId'>,
  instanceId: string,
): Promise<readonly Registration[] | undefined> {
  const recorded = await records.getRegistrations(fleet, instanceId);
  return recorded?.deployId === deployId ? recorded.registrations : undefined;
}
