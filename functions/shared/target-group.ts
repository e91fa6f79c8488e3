import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  type TargetDescription,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { NamedMember } from '../deploy/contract.ts';

/** How an instance is registered, beside its id: a port of its own, or an address outside the VPC (`all`). */
export interface Registration {
  readonly port?: number;
  readonly availabilityZone?: string;
}

/** An instance as the load balancer sees it. */
export interface TargetHealth {
  readonly instanceId: string;
  /** `initial`, `healthy`, `unhealthy`, `unused`, `draining`, `unavailable`; `unused` also for one that is not registered. */
  readonly state: string;
  /** The load balancer's words when the state is not healthy: `Target.ResponseCodeMismatch: …`. */
  readonly detail?: string;
  /** Every way in which it is registered: one instance can serve on several ports. */
  readonly registrations?: readonly Registration[];
}

/**
 * One target group, by instance ids; where its targets are addresses, by the ids of the nodes behind them.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
 */
export interface TargetGroup {
  /** @param registrations as it was registered before; none: at the target group's port, or the configured address */
  register(instanceId: string, registrations?: readonly Registration[]): Promise<void>;
  /** Taking out a target that is not registered succeeds. A port that is not the group's has to be named. */
  deregister(instanceId: string, registrations?: readonly Registration[]): Promise<void>;
  /** Every registered instance, draining ones included. */
  describeHealth(): Promise<readonly TargetHealth[]>;
}

/** @param named members that the configuration names, where they are not the group's own instances */
export function createTargetGroup(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
  named: readonly NamedMember[] = [],
): TargetGroup {
  const request = (Targets: TargetDescription[]) => ({ TargetGroupArn: targetGroupArn, Targets });
  return {
    async register(instanceId, registrations = []) {
      await client.send(new RegisterTargetsCommand(request(describeTargets(instanceId, registrations, named))));
    },
    async deregister(instanceId, registrations = []) {
      const targets = describeTargets(instanceId, registrations, named).map(({ AvailabilityZone: _, ...target }) => target);
      await client.send(new DeregisterTargetsCommand(request(targets)));
    },
    async describeHealth() {
      const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }));
      return healthByInstance(TargetHealthDescriptions, named);
    },
  };
}

function describeTargets(instanceId: string, registrations: readonly Registration[], named: readonly NamedMember[]): TargetDescription[] {
  const target = named.find((member) => member.instanceId === instanceId)?.target;
  const known = registrations.length > 0 ? registrations : [target ?? {}];
  return known.map(({ port, availabilityZone }) => ({
    Id: target?.id ?? instanceId,
    ...(port !== undefined && { Port: port }),
    ...(availabilityZone !== undefined && { AvailabilityZone: availabilityZone }),
  }));
}

/** One entry an instance. Of several ports the one in the worst state speaks for it. */
function healthByInstance(targets: readonly TargetHealthDescription[], named: readonly NamedMember[]): TargetHealth[] {
  const found = new Map<string, TargetHealth>();
  for (const { Target, TargetHealth: health } of targets) {
    const { Id = '', Port, AvailabilityZone } = Target ?? {};
    const instanceId = named.find(({ target }) => target?.id === Id)?.instanceId ?? Id;
    const other = found.get(instanceId);
    const detail = [health?.Reason, health?.Description].filter((part) => part !== undefined).join(': ');
    const registration = {
      ...(Port !== undefined && { port: Port }),
      ...(AvailabilityZone !== undefined && { availabilityZone: AvailabilityZone }),
    };
    const seen: TargetHealth = { instanceId, state: health?.State ?? 'unavailable', ...(detail !== '' && { detail }) };
    found.set(instanceId, {
      ...(other && other.state !== 'healthy' ? other : seen),
      registrations: [...(other?.registrations ?? []), registration],
    });
  }
  return [...found.values()];
}

/** The health of one target; one that the load balancer does not list is `unused`. */
export function healthOf(instanceId: string, targets: readonly TargetHealth[]): TargetHealth {
  return targets.find((target) => target.instanceId === instanceId) ?? { instanceId, state: 'unused', detail: 'not registered' };
}
