/** Reads a target group and what serves it. Sends no command to a server. */
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { type EC2Client, type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import type { IAMClient } from '@aws-sdk/client-iam';
import { type InstanceInformation, paginateDescribeInstanceInformation } from '@aws-sdk/client-ssm';
import { fits } from '../../../functions/checks/servers.ts';
import { createAttributesReader, describeTags } from '../../../functions/shared/aws/attributes-reader.ts';
import type { Clients } from '../../doctor/clients.ts';
import { withRules } from '../../doctor/gather-load-balancer.ts';
import { gatherSecurityGroups, roleOf } from '../../doctor/gather-servers.ts';
import { allOf, known } from '../../doctor/lookup.ts';
import { badInput } from '../../failure.ts';
import { askAws, type Right } from '../existing-store/read-store.ts';
import { refuse, unique, unusableGroup, unusableNames, unusableServers, unusableTargets } from './judge-fleet.ts';

export type FleetClients = Pick<Clients, 'elb' | 'ec2' | 'autoScaling' | 'iam' | 'ssm'>;
export type FleetFacts = Awaited<ReturnType<typeof readFleet>>;
type Server = Awaited<ReturnType<typeof readServers>>[number];

/** @throws CommandFailure NoSuchTargetGroup, NotAllowed, UnusableFleet */
export async function readFleet({ elb, ec2, autoScaling, iam, ssm }: FleetClients, arn: string) {
  const ask = <T>(operation: string, work: () => Promise<T>) => askAws(`elasticloadbalancing:${operation}`, work);
  const find = () => elb.send(new elbv2.DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
  const { TargetGroups: [targetGroup = {}] = [] } = await ask('DescribeTargetGroups', find).catch((error: Error) => {
    if (!/^TargetGroupNotFound/.test(error.name)) throw error;
    throw badInput('NoSuchTargetGroup', `There is no target group ${arn} in this account and Region. Nothing was written.`);
  });
  refuse(unusableGroup(targetGroup));
  const { LoadBalancerArns = [] } = targetGroup;
  const listenersOf = { LoadBalancerArn: LoadBalancerArns[0] };
  const [attributes, tags, { TargetHealthDescriptions = [] }, { LoadBalancers: [loadBalancer = {}] = [] }, all] = await Promise.all([
    ask('DescribeTargetGroupAttributes', createAttributesReader(elb, arn)),
    ask('DescribeTags', () => describeTags(elb, [arn])),
    ask('DescribeTargetHealth', () => elb.send(new elbv2.DescribeTargetHealthCommand({ TargetGroupArn: arn }))),
    ask('DescribeLoadBalancers', () => elb.send(new elbv2.DescribeLoadBalancersCommand({ LoadBalancerArns }))),
    ask('DescribeListeners', () => allOf(elbv2.paginateDescribeListeners({ client: elb }, listenersOf), ({ Listeners }) => Listeners)),
  ]);
  const listeners = await ask('DescribeRules', () => Promise.all(all.map((listener) => withRules(elb, listener, arn))));
  // Without those that leave.
  const staying = TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State !== 'draining');
  const targets = staying.flatMap(({ Target = [] }) => Target);
  refuse(unusableTargets(targetGroup.TargetGroupName ?? '', targets, [...(tags.get(arn)?.keys() ?? [])]));
  const servers = await readServers({ ec2, ssm }, targetGroup, targets);
  refuse(unusableServers(servers));

  const names = servers.map(({ instance }) => instance?.Tags?.find(({ Key }) => Key === 'aws:autoscaling:groupName')?.Value);
  const named = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [names[0] ?? ''] });
  const { AutoScalingGroups: [group] = [] } =
    names[0] === undefined ? {} : await askAws('autoscaling:DescribeAutoScalingGroups', () => autoScaling.send(named));
  refuse(unusableNames(names, arn, group));
  const port = targets[0]?.Port ?? 0;
  return {
    ...{ targetGroup, attributes, loadBalancer, listeners: listeners.filter(({ forwards }) => forwards), port, servers, group },
    roleNames: await readRoles(iam, servers),
    securityGroupId: await readSecurityGroup(ec2, servers, port),
  };
}

/** Each target's server. A target is an instance, or the main address of one in the group's VPC, or of a managed node anywhere. */
async function readServers(
  { ec2, ssm }: Pick<FleetClients, 'ec2' | 'ssm'>,
  { TargetType, VpcId = '' }: elbv2.TargetGroup,
  targets: readonly elbv2.TargetDescription[],
) {
  const [Name, key] =
    TargetType === 'ip' ? (['private-ip-address', 'PrivateIpAddress'] as const) : (['instance-id', 'InstanceId'] as const);
  const filters = { [Name]: targets.map(({ Id = '' }) => Id), 'vpc-id': [VpcId] };
  const Filters = Object.entries(filters).map(([Name, Values]) => ({ Name, Values }));
  const reservations = await askAws('ec2:DescribeInstances', () =>
    allOf(paginateDescribeInstances({ client: ec2 }, { Filters }), (page) => page.Reservations),
  );
  const instances = reservations.flatMap(({ Instances = [] }) => Instances);
  const instanceOf = ({ Id }: elbv2.TargetDescription): Instance | undefined => instances.find((instance) => instance[key] === Id);
  // Of an address alone, the node can be any of the account's.
  const found = instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  const ids = targets.every(instanceOf) ? [{ Key: 'InstanceIds', Values: found }] : undefined;
  const agents = await askAws('ssm:DescribeInstanceInformation', () =>
    allOf(paginateDescribeInstanceInformation({ client: ssm, pageSize: 50 }, { Filters: ids }), (page) => page.InstanceInformationList),
  );
  return targets.map((target) => {
    const instance = instanceOf(target);
    // An instance of another network has the same address: AWS takes that one for a target only in the zone `all`.
    const canBe = ({ InstanceId = '', IPAddress }: InstanceInformation) =>
      instance
        ? InstanceId === instance.InstanceId
        : IPAddress === target.Id && (InstanceId.startsWith('mi-') || target.AvailabilityZone === 'all');
    const possible = agents.filter(canBe);
    const agent = possible.find(({ PingStatus }) => PingStatus === 'Online') ?? possible[0];
    return { target, instance, agent, nodeId: instance?.InstanceId ?? agent?.InstanceId ?? '' };
  });
}

export const profileOf = ({ instance }: Server): string | undefined => instance?.IamInstanceProfile?.Arn?.split('/').at(-1);

/** By the instance profile, or of a node on premises by its activation: that of an instance's agent can be the account's default. */
async function readRoles(iam: IAMClient, servers: readonly Server[]): Promise<readonly (string | undefined)[]> {
  const profiles = unique(servers.map(profileOf));
  const roles = profiles.map(async (instanceProfile) =>
    known(await roleOf(iam, { state: 'known', value: [{ name: '', instanceProfile, securityGroupIds: [] }] })),
  );
  const byProfile = new Map((await Promise.all(roles)).map((role, at) => [profiles[at], role]));
  return servers.map((server) => (server.instance ? byProfile.get(profileOf(server)) : server.agent?.IamRole?.split('/').at(-1)));
}

/** One that all instances have, which lets requests in if one does. */
async function readSecurityGroup(ec2: EC2Client, servers: readonly Server[], port: number): Promise<string | undefined> {
  const sets = servers.flatMap(({ instance }) => (instance ? [(instance.SecurityGroups ?? []).map(({ GroupId = '' }) => GroupId)] : []));
  const shared = (sets[0] ?? []).filter((id) => sets.every((ids) => ids.includes(id)));
  const groups = known(await gatherSecurityGroups(ec2, shared)) ?? [];
  return groups.find(({ ingress }) => ingress.some((rule) => fits(rule, port)))?.id ?? shared[0];
}

/** What it calls, and for what: the rest of a line. */
export const FLEET_RIGHTS: readonly Right[] = [
  ...['TargetGroups', 'TargetGroupAttributes', 'Tags', 'TargetHealth', 'LoadBalancers', 'Listeners', 'Rules'].map((what) => ({
    ...{ action: `elasticloadbalancing:Describe${what}`, why: 'the target group, and how requests come to it' },
  })),
  { action: 'ec2:DescribeInstances', why: 'the servers: subnets, security groups, instance profile' },
  { action: 'ec2:DescribeSecurityGroups', why: 'which of their security groups lets requests in' },
  { action: 'autoscaling:DescribeAutoScalingGroups', why: 'their Auto Scaling group, if they have one' },
  { action: 'iam:GetInstanceProfile', why: 'the name of their role' },
  { action: 'ssm:DescribeInstanceInformation', why: 'whether Systems Manager reaches them' },
  {
    action: 'ssm:SendCommand',
    why: 'a script that only reads; the right allows any command, and without it init marks what it would find',
  },
  { action: 'ssm:GetCommandInvocation', why: 'its answer: the service at the port, Java, Tomcat, the connection to the store' },
];
