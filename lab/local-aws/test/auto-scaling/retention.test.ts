/** Terminations that a hook abandoned, in groups that retain and in those that do not. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createWorld, type World } from './fakes.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.service.stop());

const reached = (states: string) => until(async () => (await world.states()) === states);
const endHook = { LifecycleHookName: 'drain', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', HeartbeatTimeout: '60' };
const retain = { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } } };
const abandoning = { LifecycleHookSpecificationList: [{ ...endHook, DefaultResult: 'ABANDON' }] };

describe('a termination that is abandoned', () => {
  const terminate = (instanceId = 'i-1') =>
    world.call('TerminateInstanceInAutoScalingGroup', { InstanceId: instanceId, ShouldDecrementDesiredCapacity: 'false' });
  const waiting = async (changes: Record<string, unknown>) => {
    await world.create({ DesiredCapacity: '1', ...abandoning, ...changes });
    await reached('i-1 InService');
    await terminate();
    await until(() => world.order.includes('deregister i-1'));
    world.targetStates.delete('i-1');
    await reached('i-1 Terminating:Wait, i-2 InService');
  };

  it('keeps the instance until somebody terminates it, next to the one that replaces it, where the group retains', async () => {
    await waiting(retain);
    world.advance(60_000);
    await reached('i-1 Terminating:Retained, i-2 InService');
    expect([...world.running]).toEqual(['i-1', 'i-2']);
    const { Activities } = await world.call<{ Activities: { Description: string; StatusCode: string }[] }>('DescribeScalingActivities', {
      AutoScalingGroupName: 'web',
    });
    expect(Activities.find(({ Description }) => Description.startsWith('Terminating'))?.StatusCode).toBe('Cancelled');
    await terminate();
    await reached('i-2 InService');
    expect([...world.running]).toEqual(['i-2']);
  });

  it('keeps it at once when the action is completed with ABANDON', async () => {
    await waiting(retain);
    const action = { AutoScalingGroupName: 'web', LifecycleHookName: 'drain', InstanceId: 'i-1' };
    await world.call('CompleteLifecycleAction', { ...action, LifecycleActionResult: 'ABANDON' });
    await reached('i-1 Terminating:Retained, i-2 InService');
  });

  it.each([
    ['CONTINUE completes it', retain, 'CONTINUE'],
    ['the group has no such policy', {}, 'ABANDON'],
    ['the policy says terminate', { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'terminate' } } }, 'ABANDON'],
  ])('ends it where %s', async (_where, changes, result) => {
    await waiting(changes);
    const action = { AutoScalingGroupName: 'web', LifecycleHookName: 'drain', InstanceId: 'i-1' };
    await world.call('CompleteLifecycleAction', { ...action, LifecycleActionResult: result });
    await reached('i-2 InService');
  });

  it('ends it when the hook is deleted, as AWS completes it with CONTINUE', async () => {
    await waiting(retain);
    await world.call('DeleteLifecycleHook', { AutoScalingGroupName: 'web', LifecycleHookName: 'drain' });
    await reached('i-2 InService');
  });

  it('counts in a group metric each minute, zero too, where the template collects it', async () => {
    await waiting({ ...retain, MetricsCollection: [{ Granularity: '1Minute', Metrics: ['GroupTerminatingRetainedInstances'] }] });
    await until(() => world.metrics.length > 0);
    expect(world.metrics.at(-1)).toMatchObject({ namespace: 'AWS/AutoScaling', dimensions: { AutoScalingGroupName: 'web' }, values: [0] });
    world.advance(60_000);
    await reached('i-1 Terminating:Retained, i-2 InService');
    world.advance(60_000);
    await until(() => world.metrics.at(-1)?.values[0] === 1);
  });

  it('counts in no metric that nothing collects', async () => {
    await waiting(retain);
    world.advance(120_000);
    await reached('i-1 Terminating:Retained, i-2 InService');
    expect(world.metrics).toEqual([]);
  });
});
