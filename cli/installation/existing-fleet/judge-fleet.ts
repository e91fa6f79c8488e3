/** What Holdfast cannot roll of a target group and its servers: a sentence each, or undefined. Pure. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Instance } from '@aws-sdk/client-ec2';
import type { TargetDescription, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { InstanceInformation } from '@aws-sdk/client-ssm';
import { badInput } from '../../failure.ts';
import type { ServerView } from './ask-servers.ts';

/** The first three, and how many more. */
export const listed = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;

export const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

/** @throws CommandFailure UnusableFleet with the reason, if there is one */
export function refuse(why: string | undefined): void {
  if (why !== undefined) throw badInput('UnusableFleet', `${why}. Nothing was written.`);
}

const WATCH = 'Holdfast can watch the store of its sessions (init --store GROUP without --existing)';
/** A deploy follows at most as many listed servers. */
const MOST_SERVERS = 100;
/** Tags by which controllers of Kubernetes know what is theirs. */
const KUBERNETES = /^(elbv2|ingress|service)\.k8s\.aws\/|^kubernetes\.io\//;
const CONTAINER = /^(docker|containerd|libpod|crio)\b/;
/** The oldest on which the valves run that a release of a WAR has. */
const OLDEST = { tomcat: 9, java: 11 };

export function unusableGroup(group: TargetGroup) {
  const { TargetGroupName, TargetType, Protocol, ProtocolVersion, IpAddressType, LoadBalancerArns: { length } = [] } = group;
  const name = `target group ${TargetGroupName}`;
  if (TargetType === 'lambda') return `A Lambda function is the target of ${name}, and Holdfast rolls servers: name a group of servers`;
  if (Protocol !== 'HTTP')
    return `The protocol of ${name} is ${Protocol}, and Holdfast rolls servers that an Application Load Balancer asks by plain HTTP: name a group with the protocol HTTP`;
  if (ProtocolVersion === 'GRPC') return `The protocol version of ${name} is gRPC, and Holdfast asks servers by HTTP/1.1: ${WATCH}`;
  if (IpAddressType === 'ipv6') return `The targets of ${name} have IPv6 addresses, and Holdfast registers IPv4: name a group of IPv4`;
  if (length === 0) return `No load balancer sends requests to ${name}: name the group that a listener's rule forwards to`;
  return length > 1 ? `${length} load balancers send requests to ${name}: give each of them a target group of its own` : undefined;
}

/** @param tags keys of those of the target group */
export function unusableTargets(name: string, targets: readonly TargetDescription[], tags: readonly string[]) {
  const ports = unique(targets.map(({ Port }) => String(Port)));
  if (tags.some((key) => KUBERNETES.test(key))) return `Kubernetes registers pods in ${name}, and Holdfast rolls servers: ${WATCH}`;
  if (targets.length === 0) return `Target group ${name} has no targets but those that leave it: register the servers`;
  if (targets.length > MOST_SERVERS)
    return `Target group ${name} has ${targets.length} targets, and a deploy rolls ${MOST_SERVERS} at most: divide them among several target groups`;
  if (ports.length > 1)
    return `The targets of ${name} have several ports (${listed(ports)}), as containers have: give the servers of each port a target group of their own`;
  return undefined;
}

export function unusableServers(
  servers: readonly {
    readonly nodeId: string;
    readonly target: TargetDescription;
    readonly instance: Instance | undefined;
    readonly agent: InstanceInformation | undefined;
  }[],
) {
  const beanstalk = servers.filter(({ instance }) => instance?.Tags?.some(({ Key }) => Key?.startsWith('elasticbeanstalk:')));
  const unknown = servers.filter(({ nodeId }) => nodeId === '').map(({ target: { Id = '' } }) => Id);
  const offline = servers.filter(({ agent }) => agent?.PingStatus !== 'Online' || agent.PlatformType !== 'Linux');
  if (unknown.length > 0)
    return `${listed(unknown)} is the address of no instance and of no node of Systems Manager, as those of containers are: ${WATCH}`;
  if (beanstalk.length > 0)
    return `Elastic Beanstalk deploys to ${listed(beanstalk.map(({ nodeId }) => nodeId))}, and would undo a release: ${WATCH}`;
  if (offline.length > 0)
    return `Systems Manager does not list ${listed(offline.map(({ nodeId }) => nodeId))} as Linux and Online, and deploys send their commands by it: start its agent there, and attach AmazonSSMManagedInstanceCore to the role`;
  return undefined;
}

/** @param names of the Auto Scaling groups that the servers are in */
export function unusableNames(names: readonly (string | undefined)[], arn: string, group: AutoScalingGroup | undefined) {
  const several = unique(names.map((name) => name ?? 'none'));
  if (several.length > 1)
    return `The servers are in different Auto Scaling groups (${listed(several)}), and a fleet has one, or none: give the servers of each a target group of their own`;
  const arns = [...(group?.TargetGroupARNs ?? []), ...(group?.TrafficSources ?? []).map(({ Identifier }) => Identifier)];
  if (names[0] !== undefined && !arns.includes(arn))
    return `Auto Scaling group ${names[0]} does not register its servers in the target group, so that new ones would be missing there: attach it to the group`;
  return undefined;
}

export function unusableViews(views: readonly ServerView[], port: number) {
  const those = (fits: (view: ServerView) => unknown) => listed(views.filter(fits).map(({ id }) => id));
  const silent = those(({ units }) => units.length === 0);
  const contained = those(({ units, programs }) => [...units, ...programs].some((name) => CONTAINER.test(name)));
  const [unit, ...others] = unique(views.flatMap(({ units }) => units));
  const old = those(
    ({ tomcat, java }) =>
      tomcat && (Number.parseInt(tomcat.version ?? '', 10) < OLDEST.tomcat || Number(java?.version ?? 99) < OLDEST.java),
  );
  const applications = unique(views.flatMap(({ tomcat }) => tomcat?.applications ?? []));
  if (silent !== '')
    return `Nothing listens at port ${port} of ${silent}: start the service, or register the port at which it listens, if iptables leads the requests there`;
  if (contained !== '') return `A container is at port ${port} of ${contained}, and Holdfast replaces a service of systemd: ${WATCH}`;
  if (others.length > 0)
    return `Several services are at port ${port} (${listed(views.map(({ id, units }) => `${units.join(' and ')} on ${id}`))}), and a deploy replaces one, of the same name on each server: stop what should not serve`;
  if (unit !== undefined && !/^(?!user@).+\.service$/.test(unit))
    return `The process at port ${port} belongs to ${unit === 'none' ? 'no unit of systemd' : unit}, and a deploy stops and starts a service: start it by a systemd service of its own`;
  if (old !== '')
    return `Tomcat or its Java is too old on ${old}, and releases of a WAR need Tomcat ${OLDEST.tomcat} and Java ${OLDEST.java}, or newer: ${WATCH}`;
  if (applications.length > 1)
    return `Tomcat has several applications (${listed(applications)}), and a release that Holdfast makes is one WAR at /: write the configuration for CodeDeploy bundles by hand (docs/from-codedeploy.md), or remove from webapps what nobody uses`;
  return undefined;
}
