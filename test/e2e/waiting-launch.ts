/** A server that waits for hooks of the tests' own: its lifecycle actions stay open whatever Holdfast's machines do. */
import {
  DeleteLifecycleHookCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import type { LifecycleAction } from '../../functions/shared/aws/auto-scaling.ts';
import { until } from '../until.ts';
import { autoScaling, GROUP, groupInstances } from './fleet.ts';

const HOOKS = { LAUNCHING: 'launch-of-the-tests', TERMINATING: 'termination-of-the-tests' } as const;

const stateOf = async (instanceId: string): Promise<string | undefined> =>
  (await groupInstances()).find(({ id }) => id === instanceId)?.state;

const putHook = (kind: keyof typeof HOOKS) =>
  autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName: GROUP,
      LifecycleHookName: HOOKS[kind],
      LifecycleTransition: `autoscaling:EC2_INSTANCE_${kind}`,
      HeartbeatTimeout: 600,
      DefaultResult: 'ABANDON',
    }),
  );

/** @returns the open action of a server that launches */
export async function beginWaitingLaunch(): Promise<LifecycleAction> {
  const before = await groupInstances();
  await putHook('LAUNCHING');
  await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: before.length + 1 }));
  const known = new Set(before.map(({ id }) => id));
  const instanceId = await until(
    async () => (await groupInstances()).find(({ id, state }) => !known.has(id) && state === 'Pending:Wait')?.id,
    'another server launches',
  );
  return { autoScalingGroupName: GROUP, lifecycleHookName: HOOKS.LAUNCHING, lifecycleActionToken: '', instanceId };
}

export async function beginWaitingTermination({ instanceId }: LifecycleAction): Promise<void> {
  await putHook('TERMINATING');
  await terminate(instanceId);
  await until(async () => (await stateOf(instanceId)) === 'Terminating:Wait', 'the server terminates');
}

/** The server goes, and the hooks: the group is as it was. */
export async function endWaiting({ instanceId }: LifecycleAction): Promise<void> {
  await terminate(instanceId);
  for (const LifecycleHookName of Object.values(HOOKS)) {
    await autoScaling.send(new DeleteLifecycleHookCommand({ AutoScalingGroupName: GROUP, LifecycleHookName })).catch(ignoreMissing);
  }
  await until(async () => (await stateOf(instanceId)) === undefined, 'the server has gone');
}

const terminate = (instanceId: string) =>
  autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: instanceId, ShouldDecrementDesiredCapacity: true }));

function ignoreMissing(error: Error): void {
  if (error.name !== 'ValidationError') throw error;
}
