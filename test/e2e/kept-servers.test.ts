/** The upgrade from version 5ae116a0 while its mitigation keep-servers is in effect: the reconciler ends it. */
import { DescribeAutoScalingGroupsCommand, SetInstanceHealthCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { expect, it } from 'vitest';
import { until } from '../until.ts';
import { autoScaling, cloud, GROUP, groupInstances, REPLACING } from './fleet.ts';
import { ask } from './hold-fleet.ts';

const ID = 'inc-0123456789ab';

it('marks its servers Healthy, resumes what it suspended, and releases the lock', async () => {
  const { records } = await cloud();
  const request = { fleet: 'web', deployId: ID, executionArn: ID, requestedBy: 'a runbook', version: 'keep-servers' };
  const lock = await until(async () => {
    const nowMs = Date.now();
    const answer = await records.acquireLock({ ...request, nowMs, expiresAtMs: nowMs + 900_000, heldBy: 'incident' });
    return answer.acquired ? answer : undefined;
  }, 'the lock is free');
  const { AutoScalingGroupName, ScalingProcesses } = REPLACING;
  const suspension = { autoScalingGroupName: AutoScalingGroupName, alreadySuspended: [], suspendedByDeploy: ScalingProcesses, round: 1 };
  await records.putSuspension({ fleet: 'web', deployId: ID, fencingToken: lock.fencingToken }, suspension);
  await autoScaling.send(new SuspendProcessesCommand(REPLACING));
  const [instance] = await groupInstances();
  // One that has just been launched is within its grace period, in which the mark would not count.
  const mark = { InstanceId: instance?.id, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false };
  await autoScaling.send(new SetInstanceHealthCommand(mark));

  expect(await ask('deploy-reconcile', { step: 'reconcile' })).toMatchObject({ failed: false });

  expect(await records.getLock('web')).not.toMatchObject({ deployId: expect.anything() });
  const { AutoScalingGroups: [group] = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] }),
  );
  expect(group?.SuspendedProcesses).toEqual([]);
  expect(group?.Instances?.map(({ InstanceId, HealthStatus }) => [InstanceId, HealthStatus])).toContainEqual([instance?.id, 'Healthy']);
});
