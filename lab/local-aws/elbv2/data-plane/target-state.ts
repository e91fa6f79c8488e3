/** A target's state as DescribeTargetHealth returns it, with AWS's reason codes. */
import type { Target } from '../resources.ts';

export interface TargetState {
  readonly State: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';
  readonly Reason?: string;
  readonly Description?: string;
}

export const NOT_REGISTERED: TargetState = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};

/**
 * @param group whether a rule forwards to the target's group, and whether its health checks are on
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
export function targetState(
  target: Pick<Target, 'health' | 'running' | 'draining'>,
  group: { readonly inUse: boolean; readonly healthCheckEnabled: boolean },
  nowMs: number,
): TargetState {
  const { health, draining } = target;
  if (draining !== undefined) {
    if (nowMs >= draining.untilMs) return NOT_REGISTERED;
    // The whole delay, even when nothing is in flight any more.
    return { State: 'draining', Reason: 'Target.DeregistrationInProgress', Description: 'Target deregistration is in progress' };
  }
  if (!group.inUse) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (!target.running) return { State: 'unused', Reason: 'Target.InvalidState', Description: 'Target is in the stopped state' };
  if (!group.healthCheckEnabled) {
    return { State: 'unavailable', Reason: 'Target.HealthCheckDisabled', Description: 'Health checks are not enabled for this target' };
  }
  if (health.state === 'healthy') return { State: 'healthy' };
  if (health.state === 'unhealthy') return { State: 'unhealthy', Reason: health.reason, Description: health.description };
  if (health.checks === 0) {
    return { State: 'initial', Reason: 'Elb.RegistrationInProgress', Description: 'Target registration is in progress' };
  }
  return { State: 'initial', Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' };
}

/** Whether the data plane may send it a new request at all, healthy or not. */
export function isRoutable({ running, draining }: Pick<Target, 'running' | 'draining'>, nowMs: number): boolean {
  return running && (draining === undefined || nowMs < draining.routableUntilMs);
}
