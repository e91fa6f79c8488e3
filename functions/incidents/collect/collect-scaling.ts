import type { ScalingActivity, ScalingHistory } from '../../shared/aws/scaling-history.ts';
import type { Collector } from '../contract/collect.ts';
import { chooseFleets, type Fleets } from './choose-fleets.ts';

export interface ScalingPorts {
  readonly fleets: Fleets;
  readonly history: (autoScalingGroup: string) => ScalingHistory;
  readonly now: () => number;
}

/** Auto Scaling of all fleets of the incident, as sums. @throws AutoScalingGroupNotFound, an error of Auto Scaling */
export function createScaling({ fleets, history, now }: ScalingPorts): Collector<'scaling'> {
  return async (request) => {
    const chosen = chooseFleets(fleets, request);
    const groups = chosen.flatMap(({ autoScalingGroup }) => autoScalingGroup ?? []);
    if (groups.length === 0) return { gap: 'the servers exist without an Auto Scaling group, so that nothing replaces them' };
    const takenAtMs = now();
    const read = await Promise.all(
      groups.map(async (group) => {
        const past = history(group);
        const [described, activities] = await Promise.all([past.describe(), past.activitiesSince(request.fromMs)]);
        return { ...described, activities };
      }),
    );
    const activities = read.flatMap((one) => one.activities).filter(({ startedAtMs }) => startedAtMs <= request.toMs);
    const terminations = activities.filter(({ kind }) => kind === 'termination');
    const endedAtMs = terminations.map(({ startedAtMs }) => startedAtMs);
    const without = chosen.flatMap(({ name, autoScalingGroup }) => (autoScalingGroup === undefined ? [name] : []));
    return {
      takenAtMs,
      facts: {
        groups,
        suspended: [...new Set(read.flatMap(({ suspended }) => suspended))].sort(),
        usesElbHealthChecks: read.some(({ healthCheckTypes }) => healthCheckTypes.includes('ELB')),
        launched: activities.length - terminations.length,
        terminated: terminations.length,
        replacedUnhealthy: terminations.filter(isForHealth).length,
        ...(endedAtMs.length > 0 && { firstTerminationMs: Math.min(...endedAtMs), lastTerminationMs: Math.max(...endedAtMs) }),
      },
      ...(without.length > 0 && { gaps: [`fleets without an Auto Scaling group are not in these numbers: ${without.join(', ')}`] }),
    };
  };
}

/**
 * `an instance was taken out of service in response to an ELB system health check failure`, `… to an EC2 health check indicating it
 * has been terminated or stopped`, `… to a user health-check`. A person who terminates one leaves `… to a user request`.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-healthchecks.html
 */
export const isForHealth = ({ cause }: Pick<ScalingActivity, 'cause'>): boolean =>
  /taken out of service in response to an?\b.*(health.?check|status check)/i.test(cause);
