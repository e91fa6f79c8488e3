/** Reads a target group and what serves it. Sends no command to a server. */
import { type AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { type EC2Client, type Instance, paginateDescribeInstances, paginateDescribeSecurityGroups } from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  paginateDescribeListeners,
  paginateDescribeRules,
  type Rule,
  type TargetDescription,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetInstanceProfileCommand, type IAMClient } from '@aws-sdk/client-iam';
import { type InstanceInformation, paginateDescribeInstanceInformation, type SSMClient } from '@aws-sdk/client-ssm';
import { receivers } from '../../../functions/incidents/mitigate/balancer-rules.ts';
import { createAttributesReader, describeTags } from '../../../functions/shared/aws/attributes-reader.ts';
import { allOf } from '../../doctor/lookup.ts';
import { badInput, type CommandFailure } from '../../failure.ts';
import { askAws } from '../existing-store/read-store.ts';
import { type FleetFacts, judgeGroup, judgeServers, judgeTargetGroup, judgeTargets, type Server } from './fleet-facts.ts';

export interface FleetClients {
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly iam: IAMClient;
  readonly ssm: SSMClient;
}

/** @throws CommandFailure NoSuchTargetGroup, NotAllowed, UnusableFleet */
export async function readFleet(clients: FleetClients, arn: string): Promise<FleetFacts> {
  const { elb, ec2 } = clients;
  const targetGroup = await findTargetGroup(elb, arn);
  judgeTargetGroup(targetGroup);
  const [attributes, tags, targets, front] = await Promise.all([
    askAws('elasticloadbalancing:DescribeTargetGroupAttributes', createAttributesReader(elb, arn)),
    askAws('elasticloadbalancing:DescribeTags', () => describeTags(elb, [arn])),
    readTargets(elb, arn),
    readFront(elb, targetGroup),
  ]);
  judgeTargets(targetGroup, targets, tags.get(arn));
  const servers = await readServers(clients, targetGroup, targets);
  const instances = servers.flatMap(({ instance }) => instance ?? []);
  const port = targets[0]?.Port ?? 0;
  const [group, roleNames, securityGroups] = await Promise.all([
    readGroup(clients.autoScaling, targetGroup, servers),
    Promise.all(servers.map((server) => readRole(clients.iam, server))),
    readSecurityGroups(ec2, instances, port),
  ]);
  return { targetGroup, attributes, ...front, port, servers, group, roleNames, securityGroups };
}

async function findTargetGroup(elb: ElasticLoadBalancingV2Client, arn: string): Promise<TargetGroup> {
  const find = () => elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
  const { TargetGroups = [] } = await askAws('elasticloadbalancing:DescribeTargetGroups', find).catch((error: Error) => {
    if (!/^TargetGroupNotFound/.test(error.name)) throw error;
    return { TargetGroups: [] };
  });
  if (TargetGroups[0]) return TargetGroups[0];
  throw badInput(
    'NoSuchTargetGroup',
    `There is no target group ${arn} in this account and Region. Nothing was written. Copy the ARN of the console's page Target groups.`,
  );
}

/** Without those that leave. */
async function readTargets(elb: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<readonly TargetDescription[]> {
  const read = () => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  const { TargetHealthDescriptions: all = [] } = await askAws('elasticloadbalancing:DescribeTargetHealth', read);
  return all.flatMap(({ Target, TargetHealth }) => (Target && TargetHealth?.State !== 'draining' ? Target : []));
}

async function readFront(
  elb: ElasticLoadBalancingV2Client,
  { TargetGroupArn: own = '', LoadBalancerArns = [] }: TargetGroup,
): Promise<Pick<FleetFacts, 'loadBalancer' | 'routes' | 'sharedWith'>> {
  const [LoadBalancerArn = ''] = LoadBalancerArns;
  const [{ LoadBalancers: [loadBalancer = {}] = [] }, listeners] = await Promise.all([
    askAws('elasticloadbalancing:DescribeLoadBalancers', () => elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }))),
    askAws('elasticloadbalancing:DescribeListeners', () =>
      allOf(paginateDescribeListeners({ client: elb }, { LoadBalancerArn }), ({ Listeners }) => Listeners),
    ),
  ]);
  const rulesOf = (listener: Listener) =>
    askAws('elasticloadbalancing:DescribeRules', () =>
      allOf(paginateDescribeRules({ client: elb }, { ListenerArn: listener.ListenerArn }), ({ Rules }) => Rules),
    );
  const rules = await Promise.all(listeners.map(async (listener) => (await rulesOf(listener)).map((rule) => ({ listener, rule }))));
  const forwarding = rules.flat().flatMap(({ listener, rule }) => {
    const all = receivers(rule.Actions);
    return all.some(({ TargetGroupArn }) => TargetGroupArn === own) ? [{ route: routeText(listener, rule), all }] : [];
  });
  const others = forwarding.flatMap(({ all }) => all.flatMap(({ TargetGroupArn = own, Weight }) => (Weight === 0 ? [] : TargetGroupArn)));
  return {
    loadBalancer,
    routes: forwarding.map(({ route }) => route),
    sharedWith: [...new Set(others)].filter((arn) => arn !== own),
  };
}

function routeText({ Protocol, Port }: Listener, { IsDefault, Priority, Conditions = [] }: Rule): string {
  const where = `of ${Protocol}:${Port}`;
  if (IsDefault) return `the default rule ${where}`;
  const conditions = Conditions.map((one) => {
    const values = one.HostHeaderConfig?.Values ?? one.PathPatternConfig?.Values ?? one.Values ?? [];
    return [one.Field, ...values].join(' ');
  });
  return `rule ${Priority} ${where} (${conditions.join('; ')})`;
}

/** Each target's server. A target is an instance, or the main address of one in the group's VPC, or of a managed node anywhere. */
async function readServers({ ec2, ssm }: FleetClients, { TargetType, VpcId = '' }: TargetGroup, targets: readonly TargetDescription[]) {
  const ids = targets.map(({ Id = '' }) => Id);
  const isAddress = TargetType === 'ip';
  const Filters = [
    { Name: isAddress ? 'private-ip-address' : 'instance-id', Values: ids },
    { Name: 'vpc-id', Values: [VpcId] },
  ];
  const reservations = await askAws('ec2:DescribeInstances', () =>
    allOf(paginateDescribeInstances({ client: ec2 }, { Filters }), (page) => page.Reservations),
  );
  const instances = reservations.flatMap(({ Instances = [] }) => Instances);
  const instanceOf = ({ Id }: TargetDescription): Instance | undefined =>
    instances.find(({ InstanceId, PrivateIpAddress }) => (isAddress ? PrivateIpAddress : InstanceId) === Id);
  const agents = await readAgents(ssm, targets.every(instanceOf) ? instances.flatMap(({ InstanceId }) => InstanceId ?? []) : undefined);
  const servers = targets.map((target) => {
    const instance = instanceOf(target);
    const agent = agents.find(({ InstanceId, IPAddress }) => (instance ? InstanceId === instance.InstanceId : IPAddress === target.Id));
    return { target, instance, agent, nodeId: instance?.InstanceId ?? agent?.InstanceId };
  });
  judgeServers(servers);
  return servers as readonly Server[];
}

/** @param ids of all of them, at most 100; undefined where an address alone is known: its node can be any of the account's */
function readAgents(client: SSMClient, ids: readonly string[] | undefined): Promise<readonly InstanceInformation[]> {
  const Filters = ids && [{ Key: 'InstanceIds', Values: [...ids] }];
  return askAws('ssm:DescribeInstanceInformation', () =>
    allOf(paginateDescribeInstanceInformation({ client, pageSize: 50 }, { Filters }), (page) => page.InstanceInformationList),
  );
}

async function readGroup(autoScaling: AutoScalingClient, targetGroup: TargetGroup, servers: readonly Server[]) {
  const nameOf = ({ Tags = [] }: Instance) => Tags.find(({ Key }) => Key === 'aws:autoscaling:groupName')?.Value;
  const names = servers.map(({ instance }) => (instance ? nameOf(instance) : undefined));
  const [name] = names;
  const read = () => autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name ?? ''] }));
  const { AutoScalingGroups: [group] = [] } = name === undefined ? {} : await askAws('autoscaling:DescribeAutoScalingGroups', read);
  judgeGroup(targetGroup, names, group);
  return group;
}

/** The name in the instance profile. Undefined where IAM may not be asked: a person knows it. */
async function readRole(iam: IAMClient, { instance, agent }: Server): Promise<string | undefined> {
  const InstanceProfileName = instance?.IamInstanceProfile?.Arn?.split('/').at(-1);
  if (InstanceProfileName === undefined) return agent.IamRole?.split('/').at(-1);
  const ask = () => iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
  const { InstanceProfile } = await askAws('iam:GetInstanceProfile', ask).catch((error: CommandFailure) => {
    if (error.code !== 'NotAllowed') throw error;
    return { InstanceProfile: undefined };
  });
  return InstanceProfile?.Roles?.[0]?.RoleName;
}

/** Those that all instances have; the one that lets requests in is first. */
async function readSecurityGroups(ec2: EC2Client, instances: readonly Instance[], port: number): Promise<FleetFacts['securityGroups']> {
  const sets = instances.map(({ SecurityGroups = [] }) => SecurityGroups.flatMap(({ GroupId }) => GroupId ?? []));
  const shared = (sets[0] ?? []).filter((id) => sets.every((ids) => ids.includes(id)));
  if (shared.length === 0) return [];
  const Filters = [{ Name: 'group-id', Values: shared }];
  const groups = await askAws('ec2:DescribeSecurityGroups', () =>
    allOf(paginateDescribeSecurityGroups({ client: ec2 }, { Filters }), (page) => page.SecurityGroups),
  );
  const admits = ({ IpPermissions = [] }: (typeof groups)[number]) =>
    IpPermissions.some(({ IpProtocol, FromPort = 0, ToPort = 65_535 }) => IpProtocol === '-1' || (FromPort <= port && port <= ToPort));
  // The emulators of EC2 ignore some filters.
  return groups.filter(({ GroupId = '' }) => shared.includes(GroupId)).sort((a, b) => Number(admits(b)) - Number(admits(a)));
}

/** What it calls, and for what: the rest of a line. */
export const FLEET_RIGHTS = [
  { action: 'elasticloadbalancing:DescribeTargetGroups', why: 'the target group: type, port, health check, load balancer' },
  { action: 'elasticloadbalancing:DescribeTargetGroupAttributes', why: 'its stickiness and deregistration delay' },
  { action: 'elasticloadbalancing:DescribeTags', why: 'whether Kubernetes owns it' },
  { action: 'elasticloadbalancing:DescribeTargetHealth', why: 'its targets' },
  { action: 'elasticloadbalancing:DescribeLoadBalancers', why: 'the load balancer: its subnets' },
  { action: 'elasticloadbalancing:DescribeListeners', why: 'how requests come to the group' },
  { action: 'elasticloadbalancing:DescribeRules', why: 'the same' },
  { action: 'ec2:DescribeInstances', why: 'the servers: subnets, security groups, instance profile' },
  { action: 'ec2:DescribeSecurityGroups', why: 'which of their security groups lets requests in' },
  { action: 'autoscaling:DescribeAutoScalingGroups', why: 'their Auto Scaling group, if they have one' },
  { action: 'iam:GetInstanceProfile', why: 'the name of their role' },
  { action: 'ssm:DescribeInstanceInformation', why: 'whether Systems Manager reaches them' },
  {
    action: 'ssm:SendCommand',
    why: 'a script that only reads: the service at the port, its Java and Tomcat, its connection to the store. The right allows any command as root: without it init marks what it would have read',
  },
  { action: 'ssm:GetCommandInvocation', why: "the script's answer" },
] as const;
