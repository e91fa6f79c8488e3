import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetGroup as Group,
  paginateDescribeTargetGroups,
  RegisterTargetsCommand,
  type TargetDescription,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isAwsError } from './classify-aws-error.ts';

/** A fleet member that the configuration lists. */
export interface ExistingMember {
  /** Receives the commands: an EC2 instance, or a managed node of Systems Manager. */
  readonly instanceId: string;
  /** Receives the requests, where that is an IP address and not the instance. */
  readonly target?: { readonly id: string; readonly port: number; readonly availabilityZone?: string };
}

/** How an instance is registered, in addition to its id: on its own port, or as an address outside the VPC (`all`). */
export interface Registration {
  readonly port?: number;
  readonly availabilityZone?: string;
}

/** An instance's health, by the load balancer. */
export interface TargetHealth {
  readonly instanceId: string;
  /** `initial`, `healthy`, `unhealthy`, `unused`, `draining`, `unavailable`; `unused` also for one that is not registered. */
  readonly state: string;
  /** The load balancer's reason when the state is not healthy: `Target.ResponseCodeMismatch: …`. */
  readonly detail?: string;
  /** All its registrations: one instance can serve on several ports. */
  readonly registrations?: readonly Registration[];
}

/** What became of a registration. `why`: the address cannot be registered yet, and nothing was changed. */
export type Registering = { readonly registered: true } | { readonly registered: false; readonly why: string };

/**
 * One target group, by instance ids. Where its targets are addresses, by the ids of the nodes behind them.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
 */
export interface TargetGroup {
  /**
   * A target that is an address can be registered again only after its deregistration delay, once it is `unused`; one that is an instance at once.
   * @param registrations as before it was deregistered; none: the target group's port, or the configured address
   * @param hold right before the change
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
   */
  register(instanceId: string, registrations?: readonly Registration[], hold?: () => Promise<unknown>): Promise<Registering>;
  /** Succeeds for a target that is not registered. A port other than the group's has to be given. */
  deregister(instanceId: string, registrations?: readonly Registration[]): Promise<void>;
  /** Every registered instance, including draining ones. */
  describeHealth(): Promise<readonly TargetHealth[]>;
  /** `HTTP1`, `HTTP2` or `GRPC`; undefined for a group without one. */
  describeProtocolVersion(): Promise<string | undefined>;
  /** ARN of the one that sends it requests; undefined while none does. */
  describeLoadBalancer(): Promise<string | undefined>;
  /** ARNs of the target groups behind load balancers of its network that have a target of it, or a listed member. */
  registersWith(): Promise<readonly string[]>;
  /** Its targets are addresses. */
  readonly ofAddresses?: boolean;
}

/** Whether one connection to a target carries several requests at once. */
export const isMultiplexed = (protocolVersion: string | undefined): boolean => protocolVersion === 'HTTP2' || protocolVersion === 'GRPC';

/** {@link TargetGroup.describeHealth}, for a function that changes no targets. */
export async function describeTargetHealth(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
  named: readonly ExistingMember[] = [],
): Promise<readonly TargetHealth[]> {
  return healthByInstance(await describeEach(client, targetGroupArn), named);
}

async function describeEach(client: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<readonly TargetHealthDescription[]> {
  const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions;
}

/**
 * @param named members that the configuration lists, where they are not the Auto Scaling group's
 * @param changing makes the changes
 */
export function createTargetGroup(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
  named: readonly ExistingMember[] = [],
  changing: ElasticLoadBalancingV2Client = client,
): TargetGroup {
  const request = (Targets: TargetDescription[]) => ({ TargetGroupArn: targetGroupArn, Targets });
  return {
    async register(instanceId, registrations = [], hold) {
      const address = addressOf(instanceId, named);
      if (address !== undefined && isDraining(address, await describeEach(client, targetGroupArn)))
        return {
          registered: false,
          why: `${address} still drains, and an address can be registered again only after its deregistration delay`,
        };
      await hold?.();
      try {
        await changing.send(new RegisterTargetsCommand(request(describeTargets(instanceId, registrations, named))));
        return { registered: true };
      } catch (error) {
        // Of an instance: it is not running. The SDK's name; the load balancer itself calls it InvalidTarget.
        if (address === undefined || !isAwsError(error, 'InvalidTargetException')) throw error;
        return { registered: false, why: `the load balancer refuses to register ${address} (${(error as Error).message})` };
      }
    },
    async deregister(instanceId, registrations = []) {
      const targets = describeTargets(instanceId, registrations, named).map(({ AvailabilityZone: _, ...target }) => target);
      await changing.send(new DeregisterTargetsCommand(request(targets)));
    },
    describeHealth: () => describeTargetHealth(client, targetGroupArn, named),
    ofAddresses: named.some(({ target }) => target !== undefined),
    async describeProtocolVersion() {
      const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }));
      return TargetGroups[0]?.ProtocolVersion;
    },
    async describeLoadBalancer() {
      const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }));
      return TargetGroups[0]?.LoadBalancerArns?.[0];
    },
    async registersWith() {
      const own = await describeEach(client, targetGroupArn);
      const ids = new Set([...own.map(({ Target }) => Target?.Id), ...named.map(({ instanceId, target }) => target?.id ?? instanceId)]);
      const found: string[] = [];
      for (const arn of await groupsOfNetwork(client, targetGroupArn)) {
        const targets = await describeEach(client, arn).catch((error: unknown) => {
          // Deleted since it was listed.
          if (isAwsError(error, 'TargetGroupNotFoundException')) return [];
          throw error;
        });
        if (targets.some(({ Target }) => ids.has(Target?.Id))) found.push(arn);
      }
      return found;
    },
  };
}

/** Their targets are asked for one by one: of more groups some seconds and calls that others in the account need. */
const MOST_GROUPS = 100;

async function groupsOfNetwork(client: ElasticLoadBalancingV2Client, targetGroupArn: string): Promise<readonly string[]> {
  const all: Group[] = [];
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client }, {})) all.push(...TargetGroups);
  const network = all.find((group) => group.TargetGroupArn === targetGroupArn)?.VpcId;
  const used = all.filter(({ VpcId, LoadBalancerArns = [] }) => VpcId === network && LoadBalancerArns.length > 0);
  return used.flatMap(({ TargetGroupArn = [] }) => TargetGroupArn).slice(0, MOST_GROUPS);
}

const addressOf = (instanceId: string, named: readonly ExistingMember[]): string | undefined =>
  named.find((member) => member.instanceId === instanceId)?.target?.id;

/** On any port: AWS's rule is about the address. */
const isDraining = (address: string, targets: readonly TargetHealthDescription[]): boolean =>
  targets.some(({ Target, TargetHealth: health }) => Target?.Id === address && health?.State === 'draining');

function describeTargets(
  instanceId: string,
  registrations: readonly Registration[],
  named: readonly ExistingMember[],
): TargetDescription[] {
  const target = named.find((member) => member.instanceId === instanceId)?.target;
  const known = registrations.length > 0 ? registrations : [target ?? {}];
  return known.map(({ port, availabilityZone }) => ({
    Id: target?.id ?? instanceId,
    ...(port !== undefined && { Port: port }),
    ...(availabilityZone !== undefined && { AvailabilityZone: availabilityZone }),
  }));
}

/**
 * One entry per instance. If an instance has several ports, the one in the worst state counts. A port that drains while another one does not
 * is no registration any more: the fleet has moved to another port.
 */
function healthByInstance(targets: readonly TargetHealthDescription[], named: readonly ExistingMember[]): TargetHealth[] {
  const byInstance = new Map<string, (TargetHealth & { readonly registrations: readonly Registration[] })[]>();
  for (const { Target, TargetHealth: health } of targets) {
    const { Id = '', Port, AvailabilityZone } = Target ?? {};
    const instanceId = named.find(({ target }) => target?.id === Id)?.instanceId ?? Id;
    const detail = [health?.Reason, health?.Description].filter((part) => part !== undefined).join(': ');
    const registration = {
      ...(Port !== undefined && { port: Port }),
      ...(AvailabilityZone !== undefined && { availabilityZone: AvailabilityZone }),
    };
    const seen = { instanceId, state: health?.State ?? 'unavailable', ...(detail !== '' && { detail }), registrations: [registration] };
    byInstance.set(instanceId, [...(byInstance.get(instanceId) ?? []), seen]);
  }
  return [...byInstance.values()].map((all) => {
    const staying = all.filter(({ state }) => state !== 'draining');
    const counted = staying.length > 0 ? staying : all;
    const worst = counted.find(({ state }) => state !== 'healthy') ?? (counted[0] as TargetHealth);
    return { ...worst, registrations: counted.flatMap(({ registrations }) => registrations) };
  });
}

/** The health of one target; a target that the load balancer does not list is `unused`. */
export function healthOf(instanceId: string, targets: readonly TargetHealth[]): TargetHealth {
  return targets.find((target) => target.instanceId === instanceId) ?? { instanceId, state: 'unused', detail: 'not registered' };
}
