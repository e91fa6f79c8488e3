/**
 * Everything of the shop's that somebody else could have changed, as AWS describes it. Left out, because they change by
 * themselves: when an agent was last heard of (LastPingDateTime), and when a secret was last read (LastAccessedDate).
 */
import { DescribeAutoScalingGroupsCommand, DescribeLifecycleHooksCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeCacheParametersCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
} from '@aws-sdk/client-elasticache';
import {
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRoleTagsCommand,
} from '@aws-sdk/client-iam';
import { DescribeSecretCommand, GetResourcePolicyCommand } from '@aws-sdk/client-secrets-manager';
import { DescribeInstanceInformationCommand, ListTagsForResourceCommand } from '@aws-sdk/client-ssm';
import { autoScaling, elastiCache, elb, kept, secrets, ssm } from '../fleet.ts';
import { APPLICATION_USER, DEPLOY_USER, REPLICATION_GROUP } from './session-store.ts';
import type { Shop } from './shop.ts';

const config = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const ec2 = new EC2Client(config);
const iam = new IAMClient(config);

/** By part; equal before and after means that nothing of the shop's was touched. */
export async function snapshotOf({ outputs, nodes }: Shop): Promise<Record<string, unknown>> {
  const targetGroups = [outputs.AsgTargets, outputs.PlainTargets, outputs.EdgeTargets];
  const instanceIds = [outputs.Instance1, outputs.Instance2, outputs.Instance3];
  return plain({
    ...(await loadBalancer(outputs.LoadBalancer)),
    targetGroups: await Promise.all(targetGroups.map(targetGroup)),
    ...(await autoScalingGroup(outputs.Group)),
    network: await network(outputs.VpcId),
    roles: await Promise.all([outputs.InstanceRole, outputs.OnPremisesRole].map(role)),
    store: await store(outputs.StoreParameters),
    secret: await secret(outputs.ApplicationSecret),
    managedNodes: await managedNodes([...instanceIds, ...nodes.map(({ nodeId }) => nodeId)]),
    nodeTags: await Promise.all(nodes.map(({ nodeId }) => tagsOfNode(nodeId))),
  });
}

async function loadBalancer(arn: string): Promise<object> {
  const LoadBalancerArn = arn;
  const [{ LoadBalancers }, { Attributes }, { Listeners = [] }, tags] = await Promise.all([
    elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] })),
    elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn })),
    elb.send(new DescribeListenersCommand({ LoadBalancerArn })),
    elbTags(arn),
  ]);
  const rules = await Promise.all(
    Listeners.map(async ({ ListenerArn }) => (await elb.send(new DescribeRulesCommand({ ListenerArn }))).Rules),
  );
  return { loadBalancer: LoadBalancers, loadBalancerAttributes: Attributes, loadBalancerTags: tags, listeners: Listeners, rules };
}

async function targetGroup(TargetGroupArn: string): Promise<object> {
  const [group, attributes, health, tags] = await Promise.all([
    elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] })),
    elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })),
    elb.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
    elbTags(TargetGroupArn),
  ]);
  // A target that was deregistered and registered again has another position in the list; nothing else differs.
  const targets = health.TargetHealthDescriptions?.toSorted((a, b) => ((a.Target?.Id ?? '') < (b.Target?.Id ?? '') ? -1 : 1));
  return { group: group.TargetGroups, attributes: attributes.Attributes, targets, tags };
}

const elbTags = async (arn: string) => (await elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }))).TagDescriptions;

async function autoScalingGroup(AutoScalingGroupName: string): Promise<object> {
  const [group, hooks] = await Promise.all([
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] })),
    autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName })),
  ]);
  return {
    autoScalingGroup: group.AutoScalingGroups,
    lifecycleHooks: hooks.LifecycleHooks,
  };
}

/** Whatever is in the shop's VPC, so that what somebody left there shows as well. */
async function network(vpcId: string): Promise<object> {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const rules = await Promise.all(
    SecurityGroups.map(async ({ GroupId = '' }) => {
      const asked = new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] });
      return (await ec2.send(asked)).SecurityGroupRules;
    }),
  );
  return {
    securityGroups: SecurityGroups,
    rules,
    subnets: (await ec2.send(new DescribeSubnetsCommand({ Filters }))).Subnets,
    routeTables: (await ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables,
  };
}

async function role(RoleName: string): Promise<object> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const inline = await Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return { PolicyName, PolicyDocument };
    }),
  );
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  const { Tags } = await iam.send(new ListRoleTagsCommand({ RoleName }));
  return { RoleName, inline, attached: AttachedPolicies, tags: Tags };
}

async function store(CacheParameterGroupName: string): Promise<object> {
  const { ReplicationGroups } = await elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: REPLICATION_GROUP }));
  const users = await Promise.all(
    ['shop-default', APPLICATION_USER, DEPLOY_USER].map(
      async (UserId) => (await elastiCache.send(new DescribeUsersCommand({ UserId }))).Users,
    ),
  );
  return {
    replicationGroup: ReplicationGroups,
    users,
    userGroup: (await elastiCache.send(new DescribeUserGroupsCommand({ UserGroupId: 'shop-users' }))).UserGroups,
    subnetGroup: (await elastiCache.send(new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: REPLICATION_GROUP })))
      .CacheSubnetGroups,
    parameters: (await elastiCache.send(new DescribeCacheParametersCommand({ CacheParameterGroupName }))).Parameters,
  };
}

async function secret(SecretId: string): Promise<object> {
  const { LastAccessedDate: _, ...rest } = await secrets.send(new DescribeSecretCommand({ SecretId }));
  return { ...rest, policy: (await secrets.send(new GetResourcePolicyCommand({ SecretId }))).ResourcePolicy };
}

async function managedNodes(ids: readonly string[]): Promise<object[]> {
  const { InstanceInformationList = [] } = await ssm.send(
    new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [...ids] }] }),
  );
  return InstanceInformationList.map(({ LastPingDateTime: _, ...rest }) => rest);
}

const tagsOfNode = async (ResourceId: string) =>
  (await ssm.send(new ListTagsForResourceCommand({ ResourceType: 'ManagedInstance', ResourceId }))).TagList;

/** As JSON, without the fields that differ between two replies. */
function plain(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === '$metadata' ? undefined : member))) as Record<string, unknown>;
}
