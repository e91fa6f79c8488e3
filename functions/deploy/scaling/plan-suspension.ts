import type { Suspension } from '../../records/suspension.ts';
import type { Group } from '../../shared/aws/auto-scaling.ts';
import { SUSPENDED_PROCESSES } from '../contract/common.ts';

export type SuspensionPlan = Omit<Suspension, 'round'>;

/**
 * What to suspend for a deploy, and what was suspended by others: that stays suspended afterwards.
 * @param open processes that a deploy suspended and did not resume, by the fleet's record: this deploy when the step is
 * delivered again, or one that ended without its clean-up. They count as suspended by this deploy, which resumes them
 */
export function planSuspension(autoScalingGroupName: string, group: Group, open: readonly string[]): SuspensionPlan {
  const alreadySuspended = SUSPENDED_PROCESSES.filter((process) => group.suspendedProcesses.includes(process) && !open.includes(process));
  return {
    autoScalingGroupName,
    alreadySuspended,
    suspendedByDeploy: SUSPENDED_PROCESSES.filter((process) => !alreadySuspended.includes(process)),
  };
}

/**
 * Members to mark Healthy before resuming: InService ones that the deploy touched, and that Auto Scaling has for Unhealthy, since it replaces
 * those for sure. Most fleets have none, and a call for each of hundreds of servers would not fit into one invocation.
 */
export function chooseMembersToMarkHealthy(group: Group, touched: ReadonlySet<string>): readonly string[] {
  return group.members
    .filter(
      ({ instanceId, lifecycleState, healthStatus }) =>
        lifecycleState === 'InService' && healthStatus !== 'Healthy' && touched.has(instanceId),
    )
    .map(({ instanceId }) => instanceId);
}
