/** What AWS shows of a target group and its servers, and what Holdfast cannot roll of it. Pure. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Instance, SecurityGroup } from '@aws-sdk/client-ec2';
import type { LoadBalancer, TargetDescription, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { InstanceInformation } from '@aws-sdk/client-ssm';
import type { Attributes } from '../../../functions/shared/aws/attributes-reader.ts';
import { badInput, type CommandFailure } from '../../failure.ts';

export interface Server {
  /** Of its agent: `i-…` or `mi-…`. */
  readonly nodeId: string;
  readonly target: TargetDescription;
  /** Absent of a node that EC2 does not know. */
  readonly instance?: Instance | undefined;
  readonly agent: InstanceInformation;
}

export interface FleetFacts {
  readonly targetGroup: TargetGroup;
  readonly attributes: Attributes;
  readonly loadBalancer: LoadBalancer;
  /** How requests come to it: `rule 10 of HTTPS:443 (host-header shop.example.com)`. */
  readonly routes: readonly string[];
  /** ARNs of other target groups to which the same rules send requests. */
  readonly sharedWith: readonly string[];
  readonly port: number;
  readonly servers: readonly Server[];
  readonly group?: AutoScalingGroup | undefined;
  /** Of each server; undefined where it is not known. */
  readonly roleNames: readonly (string | undefined)[];
  /** Those that every server has, the one that lets requests in first. */
  readonly securityGroups: readonly SecurityGroup[];
}

export const subnetsOf = (servers: readonly Server[]): readonly string[] => [
  ...new Set(servers.flatMap(({ instance }) => instance?.SubnetId || [])),
];

/** The first three, and how many more. */
export const listed = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;

export const unusable = (what: string, next: string): CommandFailure => badInput('UnusableFleet', `${what}. Nothing was written. ${next}.`);

export const WATCH_INSTEAD = 'Holdfast can watch the store of its sessions: init --store GROUP without --existing';

/** A deploy follows at most as many listed servers. */
const MOST_SERVERS = 100;
/** Tags by which controllers of Kubernetes know what is theirs. */
const KUBERNETES = /^(elbv2|ingress|service)\.k8s\.aws\/|^kubernetes\.io\//;

/** @throws CommandFailure UnusableFleet */
export function judgeTargetGroup({ TargetGroupName: name, TargetType: type, Protocol, LoadBalancerArns: arns = [] }: TargetGroup): void {
  if (type === 'lambda' || Protocol !== 'HTTP')
    throw unusable(
      `Target group ${name} has ${type === 'lambda' ? 'a Lambda function as its target' : `the protocol ${Protocol}`}, and Holdfast rolls servers that an Application Load Balancer asks by plain HTTP`,
      'Name a target group of instances or addresses with the protocol HTTP',
    );
  if (arns.length !== 1)
    throw unusable(
      `${arns.length === 0 ? 'No load balancer sends' : `${arns.length} load balancers send`} requests to target group ${name}, and a deploy follows one`,
      arns.length === 0 ? "Name the group that a listener's rule forwards to" : 'Give each load balancer a target group of its own',
    );
}

/** @throws CommandFailure UnusableFleet */
export function judgeTargets(
  { TargetGroupName: name }: TargetGroup,
  targets: readonly TargetDescription[],
  tags: ReadonlyMap<string, string> | undefined,
): void {
  if ([...(tags?.keys() ?? [])].some((key) => KUBERNETES.test(key)))
    throw unusable(`Kubernetes registers pods in target group ${name}, and Holdfast rolls servers`, WATCH_INSTEAD);
  if (targets.length === 0)
    throw unusable(`Target group ${name} has no targets but those that leave it`, 'Register the servers, and try again');
  if (targets.length > MOST_SERVERS)
    throw unusable(
      `Target group ${name} has ${targets.length} targets, and a deploy rolls ${MOST_SERVERS} at most`,
      'Divide them among several target groups',
    );
  const ports = [...new Set(targets.map(({ Port }) => String(Port)))];
  if (ports.length > 1)
    throw unusable(
      `The targets of ${name} have several ports (${listed(ports)}), as containers have, and the servers of a fleet have one`,
      'Give the servers of each port a target group of their own',
    );
}

/** @throws CommandFailure UnusableFleet */
export function judgeServers(servers: readonly (Partial<Server> & Pick<Server, 'target'>)[]): void {
  const those = (fits: (server: Partial<Server>) => boolean) =>
    listed(servers.filter(fits).map(({ nodeId, target }) => nodeId ?? target.Id ?? ''));
  const unknown = those(({ nodeId }) => nodeId === undefined);
  if (unknown !== '')
    throw unusable(
      `${unknown} is the address of no instance and of no node of Systems Manager, as those of containers are, and Holdfast rolls servers`,
      WATCH_INSTEAD,
    );
  const offline = those(({ agent }) => agent?.PingStatus !== 'Online' || agent.PlatformType !== 'Linux');
  if (offline !== '')
    throw unusable(
      `Systems Manager does not list ${offline} as Linux and Online, and deploys send their commands by it`,
      'Start its agent there, attach AmazonSSMManagedInstanceCore to the role, and try again when Fleet Manager shows them as Online',
    );
}

/** @param names of the groups that the servers are in @throws CommandFailure UnusableFleet */
export function judgeGroup(
  { TargetGroupArn: arn }: TargetGroup,
  names: readonly (string | undefined)[],
  group: AutoScalingGroup | undefined,
): void {
  const several = [...new Set(names.map((name) => name ?? 'none'))];
  if (several.length > 1)
    throw unusable(
      `The servers are in different Auto Scaling groups (${listed(several)}), and a fleet has one, or none`,
      'Give the servers of each a target group of their own',
    );
  const arns = [...(group?.TargetGroupARNs ?? []), ...(group?.TrafficSources ?? []).map(({ Identifier }) => Identifier)];
  if (names[0] !== undefined && !arns.includes(arn))
    throw unusable(
      `Auto Scaling group ${names[0]} does not register its servers in the target group, so that new ones would be missing there`,
      'Attach the target group to the Auto Scaling group, and try again',
    );
}
