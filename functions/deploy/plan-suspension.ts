import type { Group } from '../shared/auto-scaling.ts';
import { SUSPENDED_PROCESSES, type Suspension } from './contract.ts';

/**
 * What to suspend for a deploy, and what somebody else had suspended: that stays suspended afterwards.
 * @param standing processes that deploys suspended and did not resume, by their records: this one's own when the step is
 * delivered again, or of one that ended without its clean-up. They show as suspended, and are to be resumed all the same
 */
export function planSuspension(autoScalingGroupName: string, group: Group, standing: readonly string[]): Suspension {
  const alreadySuspended = SUSPENDED_PROCESSES.filter(
    (process) => group.suspendedProcesses.includes(process) && !standing.includes(process),
  );
  return {
    autoScalingGroupName,
    alreadySuspended,
    suspendedByDeploy: SUSPENDED_PROCESSES.filter((process) => !alreadySuspended.includes(process)),
  };
}

/** Members to mark Healthy before resuming: InService ones that the deploy touched. One marked Unhealthy is replaced for sure. */
export function chooseMembersToMarkHealthy(group: Group, touched: ReadonlySet<string>): readonly string[] {
  return group.members
    .filter(({ instanceId, lifecycleState }) => lifecycleState === 'InService' && touched.has(instanceId))
    .map(({ instanceId }) => instanceId);
}
