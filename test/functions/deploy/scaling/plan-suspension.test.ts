import { describe, expect, it } from 'vitest';
import { SUSPENDED_PROCESSES } from '../../../../functions/deploy/contract/common.ts';
import { chooseMembersToMarkHealthy, planSuspension } from '../../../../functions/deploy/scaling/plan-suspension.ts';

const plan = (suspendedProcesses: readonly string[], open: readonly string[] = []) =>
  planSuspension('web', { members: [], targetGroupArns: [], suspendedProcesses }, open);

describe('planSuspension', () => {
  it('suspends every process when none is', () => {
    expect(plan([])).toEqual({ autoScalingGroupName: 'web', alreadySuspended: [], suspendedByDeploy: [...SUSPENDED_PROCESSES] });
  });

  it('leaves what somebody suspended before to them', () => {
    const { alreadySuspended, suspendedByDeploy } = plan(['AZRebalance', 'Launch']);
    expect(alreadySuspended).toEqual(['AZRebalance']);
    expect(suspendedByDeploy).toEqual(SUSPENDED_PROCESSES.filter((process) => process !== 'AZRebalance'));
  });

  it('suspends nothing when everything is', () => {
    expect(plan(SUSPENDED_PROCESSES).suspendedByDeploy).toEqual([]);
  });

  it('claims again what a deploy suspended and did not resume', () => {
    const before = plan(['AZRebalance']);
    expect(plan(SUSPENDED_PROCESSES, before.suspendedByDeploy)).toEqual(before);
  });
});

describe('chooseMembersToMarkHealthy', () => {
  it('chooses members in service that the deploy touched and that are marked Unhealthy', () => {
    const member = (instanceId: string, lifecycleState: string, healthStatus = 'Unhealthy') => ({
      instanceId,
      lifecycleState,
      healthStatus,
    });
    const members = [
      member('i-1', 'InService'),
      member('i-2', 'Terminating'),
      member('i-3', 'InService'),
      member('i-4', 'InService', 'Healthy'),
    ];
    expect(chooseMembersToMarkHealthy({ members, targetGroupArns: [], suspendedProcesses: [] }, new Set(['i-1', 'i-2', 'i-4']))).toEqual([
      'i-1',
    ]);
  });
});
