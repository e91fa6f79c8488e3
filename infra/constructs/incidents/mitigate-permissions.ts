/** What the mitigating function may do: what every plan reads, and what the descriptor of each mitigation names. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { DESCRIPTORS, type Grant, MITIGATIONS } from '../../../functions/incidents/contract/mitigations.ts';
import { deployStateMachineName, INCIDENT_TAG, sweepStateMachineName, targetGroupName } from '../../../functions/shared/naming.ts';
import { createsLoadBalancer, type FleetConfig } from '../../config/fleet.ts';
import type { HoldfastConfig } from '../../config.ts';
import { acknowledge, EXECUTION_NAMES, wildcard } from '../acknowledge.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { incidentRecords, ownRecordsOf, storeRecords } from '../records-table.ts';
import { allowFleets, allowWitnesses, type IncidentParts, knownReplicationGroup } from './incident-fleets.ts';
import { allowReadingLogs } from './read-logs-document.ts';

const RULE_NAMES =
  'AWS generates the ids in the ARNs of listeners and rules: the load balancer’s name limits them, and the tag of incidents what is deleted.';

export function allowMitigating(fn: HoldfastFunction, parts: IncidentParts): void {
  const { config, releases } = parts;
  const table = releases.records.tableArn;
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [table], incidentRecords());
  allowFleets(fn, config);
  // The lock and deploys of a fleet, and the store's latest reading.
  const fleets = Object.keys(config.fleets);
  if (fleets.length > 0) fn.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], [table], ownRecordsOf(fleets));
  fn.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], [table], storeRecords());
  // Whether servers work with the store: when the page may be shown, and when an outage is over.
  allowReadingLogs(fn, parts);
  allowWitnesses(fn, parts);
  const resources = resourcesOf(fn, parts);
  for (const [on, actions] of actionsByResource(config)) {
    const { arns, condition, wildcards = {} } = resources[on];
    if (arns.length === 0) continue;
    fn.allow([...actions].toSorted(), arns, condition);
    acknowledge(fn, wildcards);
  }
}

/** Without a fleet, only mitigations of the store are possible. */
function actionsByResource({ fleets }: HoldfastConfig): ReadonlyMap<Grant['on'], ReadonlySet<string>> {
  const possible = MITIGATIONS.filter((name) => DESCRIPTORS[name].worksOn === 'store' || Object.keys(fleets).length > 0);
  const found = new Map<Grant['on'], Set<string>>();
  for (const { on, actions } of possible.flatMap((name) => DESCRIPTORS[name].permissions))
    found.set(on, new Set([...(found.get(on) ?? []), ...actions]));
  return found;
}

interface Resources {
  readonly arns: string[];
  readonly condition?: Record<string, unknown>;
  /** Findings of cdk-nag about its wildcards, each with its reason. */
  readonly wildcards?: Readonly<Record<string, string>>;
}

function resourcesOf(fn: HoldfastFunction, { config, webTiers }: IncidentParts): Readonly<Record<Grant['on'], Resources>> {
  const { installation, fleets } = config;
  const stack = Stack.of(fn);
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  const names = Object.keys(fleets);
  const colon = (service: string, resource: string, resourceName: string) =>
    stack.formatArn({ service, resource, resourceName, arnFormat });
  const machines = names.map((fleet) => deployStateMachineName(installation, fleet));
  const sweep = sweepStateMachineName(installation);
  const executions = (of: readonly string[]): Resources => ({
    arns: of.map((machine) => colon('states', 'execution', `${machine}:*`)),
    wildcards: Object.fromEntries(of.map((machine) => [wildcard(stack, 'states', `execution:${machine}:*`), EXECUTION_NAMES])),
  });
  const group = knownReplicationGroup(config);
  const listeners = Object.entries(fleets).map(([name, fleet]) => listenersOf(installation, name, fleet));
  const rules = listeners.map((resource) => `${resource.replace('listener/', 'listener-rule/')}${resource.endsWith('*') ? '' : '/*'}`);
  return {
    '*': { arns: ['*'] },
    targetGroups: { arns: Object.values(webTiers).map(({ targetGroupArn }) => targetGroupArn) },
    deployExecutions: executions(machines),
    sweepMachine: { arns: [colon('states', 'stateMachine', sweep)] },
    sweepExecutions: executions([sweep]),
    listeners: ofBalancer(stack, listeners),
    newRules: { ...ofBalancer(stack, rules), condition: { StringEquals: { 'elasticloadbalancing:CreateAction': 'CreateRule' } } },
    rulesOfIncidents: {
      ...ofBalancer(stack, rules),
      condition: { StringLike: { [`elasticloadbalancing:ResourceTag/${INCIDENT_TAG}`]: '*' } },
    },
    replicationGroup: { arns: group === undefined ? [] : [colon('elasticache', 'replicationgroup', group)] },
  };
}

function ofBalancer(stack: Stack, resources: readonly string[]): Resources {
  const isArn = (resource: string) => resource.startsWith('arn:');
  const idOf = (resource: string) =>
    isArn(resource) ? `AwsSolutions-IAM5[Resource::${resource}]` : wildcard(stack, 'elasticloadbalancing', resource);
  return {
    arns: resources.map((resource) => (isArn(resource) ? resource : stack.formatArn({ service: 'elasticloadbalancing', resource }))),
    wildcards: Object.fromEntries(resources.filter((one) => one.includes('*')).map((resource) => [idOf(resource), RULE_NAMES])),
  };
}

/** The listeners in front of a fleet: of its own load balancer, or as the configuration names them. */
function listenersOf(installation: string, name: string, fleet: FleetConfig): string {
  if (createsLoadBalancer(fleet)) return `listener/app/${targetGroupName(installation, name)}/*`;
  const { listenerArn, loadBalancerArn = '' } = fleet.existing ?? {};
  return listenerArn ?? `${loadBalancerArn.replace(':loadbalancer/', ':listener/')}/*`;
}
