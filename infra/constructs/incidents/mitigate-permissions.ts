/** What the mitigating function may change: a block for each mitigation, named after it. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import {
  deployStateMachineName,
  INCIDENT_TAG,
  replicationGroupId,
  sweepStateMachineName,
  targetGroupName,
} from '../../../functions/shared/naming.ts';
import { createsLoadBalancer, type FleetConfig } from '../../config/fleet.ts';
import type { HoldfastConfig } from '../../config.ts';
import { acknowledge, EXECUTION_NAMES, GROUP_IDS, wildcard } from '../acknowledge.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { incidentRecords, ownRecordsOf, storeRecords } from '../records-table.ts';
import { allowFleets } from './incident-fleets.ts';
import type { IncidentParts } from './incident-parts.ts';

const RULE_NAMES =
  'AWS generates the ids in the ARNs of listeners and rules: the load balancer’s name limits them, and the tag of incidents what is deleted.';

export function allowMitigating(fn: HoldfastFunction, { config, releases, webTiers }: IncidentParts): void {
  const { installation, fleets } = config;
  const stack = Stack.of(fn);
  const table = releases.records.tableArn;
  const names = Object.keys(fleets);
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [table], incidentRecords());
  allowFleets(fn, config);

  // restore-stickiness
  fn.allow(['elasticloadbalancing:DescribeTargetGroupAttributes'], ['*']);
  fn.allow(
    ['elasticloadbalancing:ModifyTargetGroupAttributes'],
    Object.values(webTiers).map(({ targetGroupArn }) => targetGroupArn),
  );

  // keep-servers, and the lock for it; stop-deploy reads deploys, restart-target the servers too
  fn.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:Query'], [table], ownRecordsOf(names));
  const groups = Object.values(webTiers).flatMap(({ members }) => members.autoScalingGroupName ?? []);
  if (groups.length > 0) {
    const resources = groups.map((group) => `autoScalingGroup:*:autoScalingGroupName/${group}`);
    fn.allow(['autoscaling:DescribeAutoScalingGroups'], ['*']);
    fn.allow(
      ['autoscaling:SuspendProcesses', 'autoscaling:ResumeProcesses', 'autoscaling:SetInstanceHealth'],
      resources.map((resource) => stack.formatArn({ service: 'autoscaling', resource })),
    );
    for (const resource of resources) acknowledge(fn, { [wildcard(stack, 'autoscaling', resource)]: GROUP_IDS });
  }

  // stop-deploy and restart-target
  const executions = (machine: string) => ({
    name: `execution:${machine}:*`,
    arn: stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${machine}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  });
  const deploys = names.map((fleet) => executions(deployStateMachineName(installation, fleet)));
  fn.allow(
    ['states:DescribeExecution', 'states:StopExecution'],
    deploys.map(({ arn }) => arn),
  );

  // restart-target, sweep-now, and the store's latest reading
  const sweep = sweepStateMachineName(installation);
  const sweeps = executions(sweep);
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  const started = [...names.map((fleet) => deployStateMachineName(installation, fleet)), sweep];
  fn.allow(
    ['states:StartExecution'],
    started.map((resourceName) => stack.formatArn({ service: 'states', resource: 'stateMachine', resourceName, arnFormat })),
  );
  fn.allow(['states:DescribeExecution'], [sweeps.arn]);
  for (const { name } of [...deploys, sweeps]) acknowledge(fn, { [wildcard(stack, 'states', name)]: EXECUTION_NAMES });
  fn.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], [table], storeRecords());

  allowPages(fn, config);
  allowStoreGroup(fn, config);
}

/** re-login-page */
function allowPages(fn: HoldfastFunction, { installation, fleets }: HoldfastConfig): void {
  const stack = Stack.of(fn);
  fn.allow(
    [
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeListeners',
      'elasticloadbalancing:DescribeRules',
      'elasticloadbalancing:DescribeTags',
    ],
    ['*'],
  );
  const listeners = Object.entries(fleets).map(([name, fleet]) => listenersOf(installation, name, fleet));
  const arn = (resource: string) =>
    resource.startsWith('arn:') ? resource : stack.formatArn({ service: 'elasticloadbalancing', resource });
  const rules = listeners.map((resource) => `${resource.replace('listener/', 'listener-rule/')}${resource.endsWith('*') ? '' : '/*'}`);
  fn.allow(['elasticloadbalancing:CreateRule'], listeners.map(arn));
  fn.allow(['elasticloadbalancing:AddTags'], rules.map(arn), { StringEquals: { 'elasticloadbalancing:CreateAction': 'CreateRule' } });
  fn.allow(['elasticloadbalancing:DeleteRule'], rules.map(arn), {
    StringLike: { [`elasticloadbalancing:ResourceTag/${INCIDENT_TAG}`]: '*' },
  });
  for (const resource of [...listeners, ...rules].filter((one) => one.includes('*'))) {
    const id = resource.startsWith('arn:') ? `AwsSolutions-IAM5[Resource::${resource}]` : wildcard(stack, 'elasticloadbalancing', resource);
    acknowledge(fn, { [id]: RULE_NAMES });
  }
}

/** The listeners in front of a fleet: of its own load balancer, or as the configuration names them. */
function listenersOf(installation: string, name: string, fleet: FleetConfig): string {
  if (createsLoadBalancer(fleet)) return `listener/app/${targetGroupName(installation, name)}/*`;
  const { listenerArn, loadBalancerArn = '' } = fleet.existing ?? {};
  return listenerArn ?? `${loadBalancerArn.replace(':loadbalancer/', ':listener/')}/*`;
}

/** promote-replica, scale-store and volatile-eviction */
function allowStoreGroup(fn: HoldfastFunction, { installation, store }: HoldfastConfig): void {
  const stack = Stack.of(fn);
  const id = 'existing' in store && store.existing ? store.existing.replicationGroupId : replicationGroupId(installation);
  if (id === undefined) return;
  const arn = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'elasticache', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  const group = arn('replicationgroup', id);
  fn.allow(
    ['elasticache:DescribeReplicationGroups', 'elasticache:ListAllowedNodeTypeModifications', 'elasticache:ModifyReplicationGroup'],
    [group],
  );
  fn.allow(['elasticache:DescribeCacheClusters', 'elasticache:DescribeCacheParameters'], ['*']);
  fn.allow(['elasticache:ModifyCacheParameterGroup'], [arn('parametergroup', '*')]);
  acknowledge(fn, {
    [wildcard(stack, 'elasticache', 'parametergroup:*')]:
      "CloudFormation names the store's parameter group: the function changes the one that the store has, and none that another group has too.",
  });
}
