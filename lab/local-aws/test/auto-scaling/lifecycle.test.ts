import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createWorld, type World } from './fakes.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.service.stop());

const reached = (states: string) => until(async () => (await world.states()) === states);
const tokenOf = (index: number) =>
  String(world.events.filter((event) => event.detailType.endsWith('Lifecycle Action'))[index]?.detail['LifecycleActionToken']);
const launchHook = { LifecycleHookName: 'install', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: '60' };
const endHook = {
  LifecycleHookName: 'drain',
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  HeartbeatTimeout: '60',
  DefaultResult: 'CONTINUE',
};

describe('launching', () => {
  it('starts the desired instances, registers each and sends an event', async () => {
    await world.create({
      Tags: [
        { Key: 'fleet', Value: 'web', PropagateAtLaunch: 'true' },
        { Key: 'private', Value: 'x', PropagateAtLaunch: 'false' },
      ],
    });
    await reached('i-1 InService, i-2 InService');
    expect(world.specs.map((spec) => spec.availabilityZone)).toEqual(['us-east-1a', 'us-east-1b']);
    expect(world.specs[0]?.tags).toEqual({ from: 'template', fleet: 'web', 'aws:autoscaling:groupName': 'web' });
    await until(() => world.events.length === 2);
    expect(world.events[0]).toMatchObject({
      source: 'aws.autoscaling',
      detailType: 'EC2 Instance Launch Successful',
      detail: { AutoScalingGroupName: 'web', EC2InstanceId: 'i-1', Origin: 'EC2', Destination: 'AutoScalingGroup' },
    });
  });

  it('waits for the launch hook before it registers', async () => {
    await world.create({
      DesiredCapacity: '1',
      LifecycleHookSpecificationList: [{ ...launchHook, NotificationMetadata: '{"fleet":"web"}' }],
    });
    await reached('i-1 Pending:Wait');
    await until(() => world.events.length === 1);
    expect(world.order).toEqual(['event EC2 Instance-launch Lifecycle Action']);
    expect(world.events[0]?.detail).toEqual({
      LifecycleActionToken: tokenOf(0),
      AutoScalingGroupName: 'web',
      LifecycleHookName: 'install',
      EC2InstanceId: 'i-1',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      NotificationMetadata: '{"fleet":"web"}',
      Origin: 'EC2',
      Destination: 'AutoScalingGroup',
    });
    await world.call('CompleteLifecycleAction', {
      AutoScalingGroupName: 'web',
      LifecycleHookName: 'install',
      LifecycleActionToken: tokenOf(0),
      LifecycleActionResult: 'CONTINUE',
    });
    await reached('i-1 InService');
    expect(world.order.slice(1, 2)).toEqual(['register i-1']);
  });

  it('ends and replaces an instance whose launch is abandoned', async () => {
    await world.create({ DesiredCapacity: '1', LifecycleHookSpecificationList: [launchHook] });
    await reached('i-1 Pending:Wait');
    await world.call('CompleteLifecycleAction', {
      AutoScalingGroupName: 'web',
      LifecycleHookName: 'install',
      InstanceId: 'i-1',
      LifecycleActionResult: 'ABANDON',
    });
    await reached('i-2 Pending:Wait');
    expect(world.order).not.toContain('register i-1');
    expect(world.running.has('i-1')).toBe(false);
    expect(world.events.map((event) => event.detailType)).toContain('EC2 Instance Launch Unsuccessful');
  });

  it('takes the default result when the heartbeat time-out passes, later when a heartbeat came', async () => {
    await world.create({ DesiredCapacity: '1', LifecycleHookSpecificationList: [{ ...launchHook, DefaultResult: 'CONTINUE' }] });
    await reached('i-1 Pending:Wait');
    world.advance(50_000);
    await world.call('RecordLifecycleActionHeartbeat', { AutoScalingGroupName: 'web', LifecycleHookName: 'install', InstanceId: 'i-1' });
    world.advance(50_000);
    await expect(world.states()).resolves.toBe('i-1 Pending:Wait');
    world.advance(10_000);
    await reached('i-1 InService');
  });

  it('tries a failed launch again, later each time', async () => {
    await world.service.stop();
    world = createWorld({ failLaunches: 2 });
    await world.create({ DesiredCapacity: '1' });
    await until(() => world.events.some((event) => event.detailType === 'EC2 Instance Launch Unsuccessful'));
    world.advance(1000);
    await until(() => world.events.length === 2);
    world.advance(2000);
    await reached('i-1 InService');
  });

  it('does not register while AddToLoadBalancer is suspended', async () => {
    await world.create({ DesiredCapacity: '0' });
    await world.call('SuspendProcesses', { AutoScalingGroupName: 'web', ScalingProcesses: ['AddToLoadBalancer'] });
    await world.call('SetDesiredCapacity', { AutoScalingGroupName: 'web', DesiredCapacity: '1' });
    await reached('i-1 InService');
    expect(world.order).not.toContain('register i-1');
  });
});

describe('terminating', () => {
  it('deregisters, waits for the drain, then for the hook, then ends the machine', async () => {
    await world.create({ DesiredCapacity: '1', LifecycleHookSpecificationList: [endHook] });
    await reached('i-1 InService');
    await world.call('TerminateInstanceInAutoScalingGroup', { InstanceId: 'i-1', ShouldDecrementDesiredCapacity: 'true' });
    await until(() => world.order.includes('deregister i-1'));
    await expect(world.states()).resolves.toBe('i-1 Terminating');
    const { Activities } = await world.call<{ Activities: { StatusCode: string }[] }>('DescribeScalingActivities', {
      AutoScalingGroupName: 'web',
    });
    expect(Activities.map((activity) => activity.StatusCode)).toContain('WaitingForELBConnectionDraining');
    world.targetStates.delete('i-1');
    await reached('i-1 Terminating:Wait');
    await until(() => world.order.at(-1) === 'event EC2 Instance-terminate Lifecycle Action');
    expect(world.events.at(-1)?.detail).toMatchObject({ Origin: 'AutoScalingGroup', Destination: 'EC2' });
    await world.call('CompleteLifecycleAction', {
      AutoScalingGroupName: 'web',
      LifecycleHookName: 'drain',
      InstanceId: 'i-1',
      LifecycleActionResult: 'CONTINUE',
    });
    await reached('');
    await until(() => world.order.at(-1) === 'event EC2 Instance Terminate Successful');
    expect(world.order.at(-2)).toBe('end i-1');
    expect((await world.group()).DesiredCapacity).toBe(0);
  });

  it('replaces a machine that stopped, and not while HealthCheck is suspended', async () => {
    await world.create({ DesiredCapacity: '1' });
    await reached('i-1 InService');
    await world.call('SuspendProcesses', { AutoScalingGroupName: 'web', ScalingProcesses: ['HealthCheck'] });
    world.running.delete('i-1');
    world.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await world.group()).Instances[0]?.HealthStatus).toBe('Healthy');
    await world.call('ResumeProcesses', { AutoScalingGroupName: 'web' });
    await until(() => world.running.has('i-2'));
  });

  it('keeps an instance Unhealthy until SetInstanceHealth says otherwise', async () => {
    await world.create({ DesiredCapacity: '1', HealthCheckType: 'ELB', HealthCheckGracePeriod: '10' });
    await reached('i-1 InService');
    await world.call('SuspendProcesses', { AutoScalingGroupName: 'web', ScalingProcesses: ['ReplaceUnhealthy'] });
    world.targetStates.set('i-1', 'unhealthy');
    world.advance(10_000);
    const health = async () => (await world.group()).Instances[0]?.HealthStatus;
    await until(async () => (await health()) === 'Unhealthy');
    world.targetStates.set('i-1', 'healthy');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await health()).toBe('Unhealthy');
    await world.call('SetInstanceHealth', { InstanceId: 'i-1', HealthStatus: 'Healthy' });
    await world.call('ResumeProcesses', { AutoScalingGroupName: 'web', ScalingProcesses: ['ReplaceUnhealthy'] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(world.states()).resolves.toBe('i-1 InService');
  });
});

describe('stop', () => {
  it('ends every machine and is idempotent', async () => {
    await world.create();
    await reached('i-1 InService, i-2 InService');
    await world.service.stop();
    await world.service.stop();
    expect(world.running.size).toBe(0);
  });
});
