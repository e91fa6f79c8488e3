import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** A target as the load balancer sees it. */
export interface TargetHealth {
  readonly instanceId: string;
  /** `initial`, `healthy`, `unhealthy`, `unused`, `draining`, `unavailable`; `unused` also for one that is not registered. */
  readonly state: string;
  /** The load balancer's words when the state is not healthy: `Target.ResponseCodeMismatch: …`. */
  readonly detail?: string;
}

/** One target group. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html */
export interface TargetGroup {
  register(instanceId: string): Promise<void>;
  /** Taking out a target that is not registered succeeds. */
  deregister(instanceId: string): Promise<void>;
  /** Every registered target, draining ones included. */
  describeHealth(): Promise<readonly TargetHealth[]>;
}

export function createTargetGroup(client: ElasticLoadBalancingV2Client, targetGroupArn: string): TargetGroup {
  const one = (instanceId: string) => ({ TargetGroupArn: targetGroupArn, Targets: [{ Id: instanceId }] });
  return {
    async register(instanceId) {
      await client.send(new RegisterTargetsCommand(one(instanceId)));
    },
    async deregister(instanceId) {
      await client.send(new DeregisterTargetsCommand(one(instanceId)));
    },
    async describeHealth() {
      const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }));
      return TargetHealthDescriptions.map(({ Target, TargetHealth: health }) => ({
        instanceId: Target?.Id ?? '',
        state: health?.State ?? 'unavailable',
        detail: [health?.Reason, health?.Description].filter((part) => part !== undefined).join(': ') || undefined,
      }));
    },
  };
}

/** The health of one target; one that the load balancer does not list is `unused`. */
export function healthOf(instanceId: string, targets: readonly TargetHealth[]): TargetHealth {
  return targets.find((target) => target.instanceId === instanceId) ?? { instanceId, state: 'unused', detail: 'not registered' };
}
