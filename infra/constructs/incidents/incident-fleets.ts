/** The fleets and the store, as the functions of incidents get them. */
import { createHash } from 'node:crypto';
import { ArnFormat, Stack, aws_ssm as ssm } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { COLLECT_SOURCES_ENV, fleetParameterName, type IncidentFleet } from '../../../functions/incidents/contract/environment.ts';
import { witnessFunctionName } from '../../../functions/incidents/contract/store-facts.ts';
import { replicationGroupId } from '../../../functions/shared/naming.ts';
import type { FleetConfig } from '../../config/fleet.ts';
import { reLoginPageOf } from '../../config/re-login-page.ts';
import type { HoldfastConfig } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import type { WebTierStack } from '../../stacks/web-tier-stack.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import type { Network } from '../network.ts';
import type { StoreEndpoint } from '../store/store-endpoint.ts';
import { listedMembers } from '../web-tier/members.ts';
import { expectedStickiness } from '../web-tier/web-front.ts';

/** What the functions of incidents are made from. */
export interface IncidentParts {
  readonly config: HoldfastConfig;
  readonly releases: ReleasesStack;
  readonly network: Network;
  readonly store: StoreEndpoint;
  readonly webTiers: Readonly<Record<string, WebTierStack>>;
  readonly collectEnvironment: Readonly<Record<string, string>>;
}

/** Each fleet as its stack deploys it; the ARNs are references. */
function incidentFleetsOf(
  scope: Construct,
  { fleets }: Pick<HoldfastConfig, 'fleets'>,
  webTiers: Readonly<Record<string, WebTierStack>>,
): Readonly<Record<string, IncidentFleet>> {
  const named = Object.entries(fleets).flatMap(([name, fleet]) => {
    const webTier = webTiers[name];
    return webTier ? [[name, incidentFleet(scope, fleet, webTier)] as const] : [];
  });
  return Object.fromEntries(named);
}

function incidentFleet(scope: Construct, fleet: FleetConfig, { targetGroupArn, members, drain, witness }: WebTierStack): IncidentFleet {
  const { autoScalingGroupName } = members;
  const listed = listedMembers(fleet);
  const reLoginPage = reLoginPageOf(fleet);
  return {
    targetGroupArn,
    ...(drain && { drainTargetGroupArn: drain(scope).targetGroupArn }),
    strategy: fleet.strategy,
    expectedStickiness: expectedStickiness(fleet),
    ...(autoScalingGroupName !== undefined && { autoScalingGroup: autoScalingGroupName }),
    ...(reLoginPage && { reLoginPage }),
    ...(listed.length > 0 && { members: listed }),
    ...(fleet.incidents.criticalActions && { criticalActions: true }),
    ...(fleet.canary && { canary: true }),
    ...(witness && { witness: true }),
  };
}

/** Undefined for an existing store that the configuration knows by its endpoint only. */
export const knownReplicationGroup = ({ store, installation }: Pick<HoldfastConfig, 'store' | 'installation'>): string | undefined =>
  store.existing ? store.existing.replicationGroupId : replicationGroupId(installation);

/**
 * A parameter for each fleet.
 * @returns a hash of their values, as the template has them
 */
function fleetParameters(scope: Construct, config: HoldfastConfig, webTiers: Readonly<Record<string, WebTierStack>>): string {
  const stack = Stack.of(scope);
  const fleets = Object.entries(incidentFleetsOf(scope, config, webTiers));
  for (const [name, fleet] of fleets) {
    new ssm.StringParameter(scope, `Fleet ${name}`, {
      parameterName: fleetParameterName(config.installation, name),
      description: `Fleet ${name}, as the runbooks of incidents know it`,
      stringValue: stack.toJsonString(fleet),
      // Standard is free up to 4 KB; members and a page can be more.
      tier: ssm.ParameterTier.INTELLIGENT_TIERING,
    });
  }
  return createHash('sha256')
    .update(JSON.stringify(stack.resolve(fleets)))
    .digest('hex')
    .slice(0, 16);
}

export function allowFleets(fn: HoldfastFunction, { installation, fleets }: Pick<HoldfastConfig, 'installation' | 'fleets'>): void {
  const stack = Stack.of(fn);
  const names = Object.keys(fleets).map((fleet) => fleetParameterName(installation, fleet).slice(1));
  if (names.length === 0) return;
  fn.allow(
    ['ssm:GetParameters'],
    names.map((resourceName) => stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName })),
  );
}

/** Environment of the functions that know fleets and store. */
export function fleetsEnvironment(
  scope: Construct,
  config: HoldfastConfig,
  webTiers: Readonly<Record<string, WebTierStack>>,
): Readonly<Record<string, string>> {
  const group = knownReplicationGroup(config);
  return {
    [COLLECT_SOURCES_ENV.fleetsVersion]: fleetParameters(scope, config, webTiers),
    ...(group !== undefined && { [COLLECT_SOURCES_ENV.replicationGroupId]: group }),
  };
}

/** Names of the fleets with a function in the network of their servers. */
export const witnessedFleets = ({ webTiers }: Pick<IncidentParts, 'webTiers'>): readonly string[] =>
  Object.keys(webTiers).filter((fleet) => webTiers[fleet]?.witness);

/** Lets a function ask these, by name. */
export function allowWitnesses(fn: HoldfastFunction, { config, webTiers }: Pick<IncidentParts, 'config' | 'webTiers'>): void {
  const stack = Stack.of(fn);
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  const arns = witnessedFleets({ webTiers }).map((fleet) =>
    stack.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: `${witnessFunctionName(config.installation, fleet)}:live`,
      arnFormat,
    }),
  );
  if (arns.length > 0) fn.allow(['lambda:InvokeFunction'], arns);
}
