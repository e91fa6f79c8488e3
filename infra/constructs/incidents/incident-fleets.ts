/** The fleets and the store, as the functions of incidents get them. */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { COLLECT_SOURCES_ENV, type IncidentFleet } from '../../../functions/incidents/contract/collect.ts';
import { replicationGroupId } from '../../../functions/shared/naming.ts';
import type { FleetConfig } from '../../config/fleet.ts';
import { reLoginPageOf } from '../../config/re-login-page.ts';
import type { HoldfastConfig } from '../../config.ts';
import type { WebTierStack } from '../../stacks/web-tier-stack.ts';
import { expectedStickiness } from '../web-tier/web-front.ts';

/** Each fleet as its stack deploys it; the ARNs are references. */
export function incidentFleetsOf(
  { fleets }: Pick<HoldfastConfig, 'fleets'>,
  webTiers: Readonly<Record<string, WebTierStack>>,
): Readonly<Record<string, IncidentFleet>> {
  const named = Object.entries(fleets).flatMap(([name, fleet]) => {
    const webTier = webTiers[name];
    return webTier ? [[name, incidentFleet(fleet, webTier)] as const] : [];
  });
  return Object.fromEntries(named);
}

function incidentFleet(fleet: FleetConfig, { targetGroupArn, members }: WebTierStack): IncidentFleet {
  const { autoScalingGroupName, environment } = members;
  const listed = environment[ENV.members];
  const reLoginPage = reLoginPageOf(fleet);
  return {
    targetGroupArn,
    strategy: fleet.strategy,
    expectedStickiness: expectedStickiness(fleet),
    ...(autoScalingGroupName !== undefined && { autoScalingGroup: autoScalingGroupName }),
    ...(reLoginPage && { reLoginPage }),
    ...(listed !== undefined && { members: JSON.parse(listed) }),
    ...(fleet.incidents.criticalActions && { criticalActions: true }),
  };
}

/** Undefined for an existing store that the configuration knows by its endpoint only. */
export const knownReplicationGroup = ({ store, installation }: Pick<HoldfastConfig, 'store' | 'installation'>): string | undefined =>
  store.existing ? store.existing.replicationGroupId : replicationGroupId(installation);

/** Environment of the functions that know fleets and store. */
export function fleetsEnvironment(
  scope: Construct,
  config: HoldfastConfig,
  webTiers: Readonly<Record<string, WebTierStack>>,
): Readonly<Record<string, string>> {
  const group = knownReplicationGroup(config);
  return {
    [COLLECT_SOURCES_ENV.fleets]: Stack.of(scope).toJsonString(incidentFleetsOf(config, webTiers)),
    ...(group !== undefined && { [COLLECT_SOURCES_ENV.replicationGroupId]: group }),
  };
}
