/** A server that waits for a launch hook of the tests' own: its lifecycle action stays open whatever Holdfast's machines do. */
import {
  DeleteLifecycleHookCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import type { LifecycleAction } from '../../functions/shared/aws/auto-scaling.ts';
import { until } from '../until.ts';
import { autoScaling, GROUP, groupInstances, runOn } from './fleet.ts';

const HOOK = { AutoScalingGroupName: GROUP, LifecycleHookName: 'of-the-tests' };

/** @returns the open action, of a server whose agent is online */
export async function beginWaitingLaunch(): Promise<LifecycleAction> {
  const before = await groupInstances();
  const transition = { LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: 600, DefaultResult: 'ABANDON' };
  await autoScaling.send(new PutLifecycleHookCommand({ ...HOOK, ...transition }));
  await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: before.length + 1 }));
  const known = new Set(before.map(({ id }) => id));
  const instanceId = await until(
    async () => (await groupInstances()).find(({ id, state }) => !known.has(id) && state === 'Pending:Wait')?.id,
    'another server launches',
  );
  await until(() => runOn([instanceId], 'true').catch(() => undefined), 'its agent is online');
  return { autoScalingGroupName: GROUP, lifecycleHookName: HOOK.LifecycleHookName, lifecycleActionToken: '', instanceId };
}

export async function endWaitingLaunch({ instanceId }: LifecycleAction): Promise<void> {
  await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: instanceId, ShouldDecrementDesiredCapacity: true }));
  await autoScaling.send(new DeleteLifecycleHookCommand(HOOK));
  await until(async () => !(await groupInstances()).some(({ id }) => id === instanceId) || undefined, 'the server has gone');
}
