import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../until.ts';
import { createWorld, TARGET_GROUP, type World } from './fakes.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.service.stop());

const web = { AutoScalingGroupName: 'web' };
const settled = (states: string) => until(async () => (await world.states()) === states);

describe('errors', () => {
  it.each([
    [
      'DescribeLifecycleHooks',
      { AutoScalingGroupName: 'none' },
      'ValidationError',
      'AutoScalingGroup name not found - AutoScalingGroup none not found',
    ],
    [
      'SetDesiredCapacity',
      { ...web, DesiredCapacity: '9' },
      'ValidationError',
      'New SetDesiredCapacity value 9 is above max value 4 for the AutoScalingGroup.',
    ],
    [
      'SetDesiredCapacity',
      { ...web, DesiredCapacity: '0' },
      'ValidationError',
      'New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.',
    ],
    ['UpdateAutoScalingGroup', { ...web, MinSize: '5' }, 'ValidationError', 'Max bound, 4, must be greater than or equal to min bound, 5'],
    ['CreateAutoScalingGroup', { ...web, MinSize: '0', MaxSize: '1' }, 'AlreadyExists', 'already exists'],
    [
      'CreateAutoScalingGroup',
      { MinSize: '0', MaxSize: '1' },
      'ValidationError',
      "Value null at 'autoScalingGroupName' failed to satisfy constraint: Member must not be null",
    ],
    ['DeleteAutoScalingGroup', web, 'ResourceInUse', 'You cannot delete an AutoScalingGroup while there are instances'],
    [
      'SetInstanceHealth',
      { InstanceId: 'i-9', HealthStatus: 'Healthy' },
      'ValidationError',
      'No managed instance found for instance ID: i-9',
    ],
    [
      'TerminateInstanceInAutoScalingGroup',
      { InstanceId: 'i-1', ShouldDecrementDesiredCapacity: 'true' },
      'ValidationError',
      'desiredSize equals minSize (1)',
    ],
    [
      'CompleteLifecycleAction',
      { ...web, LifecycleHookName: 'h', InstanceId: 'i-1', LifecycleActionResult: 'CONTINUE' },
      'ValidationError',
      'No active Lifecycle Action found with instance ID i-1',
    ],
    ['SuspendProcesses', { ...web, ScalingProcesses: ['Nothing'] }, 'ValidationError', "Value 'Nothing' at"],
  ])('%s %j fails with %s', async (operation, input, code, message) => {
    await world.create({ MinSize: '1', DesiredCapacity: '1' });
    await settled('i-1 InService');
    await world.call('PutLifecycleHook', { ...web, LifecycleHookName: 'h', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' });
    await expect(world.call(operation, input)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('processes', () => {
  it('suspends all without names, and resumes exactly the named ones', async () => {
    await world.create({ DesiredCapacity: '0' });
    await world.call('SuspendProcesses', web);
    await world.call('ResumeProcesses', { ...web, ScalingProcesses: ['Launch', 'AZRebalance'] });
    const names = (await world.group()).SuspendedProcesses.map((process) => process.ProcessName);
    expect(names).toHaveLength(7);
    expect(names).not.toContain('Launch');
  });
});

describe('paging', () => {
  it('returns groups page by page', async () => {
    for (const name of ['a', 'b', 'c']) await world.create({ AutoScalingGroupName: name, DesiredCapacity: '0' });
    const first = await world.call<{ AutoScalingGroups: object[]; NextToken: string }>('DescribeAutoScalingGroups', { MaxRecords: '2' });
    const second = await world.call<{ AutoScalingGroups: object[]; NextToken?: string }>('DescribeAutoScalingGroups', {
      MaxRecords: '2',
      NextToken: first.NextToken,
    });
    expect([first.AutoScalingGroups.length, second.AutoScalingGroups.length, second.NextToken]).toEqual([2, 1, undefined]);
  });
});

describe('tags', () => {
  it('keeps them and describes them', async () => {
    await world.create({ DesiredCapacity: '0' });
    await world.call('CreateOrUpdateTags', {
      Tags: [{ ResourceId: 'web', ResourceType: 'auto-scaling-group', Key: 'k', Value: 'v', PropagateAtLaunch: 'true' }],
    });
    expect(await world.call('DescribeTags', { Filters: [{ Name: 'key', Values: ['k'] }] })).toMatchObject({
      Tags: [{ ResourceId: 'web', Key: 'k', Value: 'v' }],
    });
  });
});

describe('CloudFormation', () => {
  const properties = {
    MinSize: '1',
    MaxSize: '2',
    VPCZoneIdentifier: ['subnet-a', 'subnet-b'],
    LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '3' },
    TargetGroupARNs: [TARGET_GROUP],
    HealthCheckGracePeriod: 60,
    Tags: [{ Key: 'fleet', Value: 'web', PropagateAtLaunch: true }],
    LifecycleHookSpecificationList: [
      { LifecycleHookName: 'install', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: 300 },
    ],
  };
  const request = { type: 'AWS::AutoScaling::AutoScalingGroup', logicalId: 'Fleet', stackName: 'stack', properties };

  it('creates a group whose first instance already waits for the hook, updates it, and ends it with its instances', async () => {
    const provider = world.service.resourceTypes['AWS::AutoScaling::AutoScalingGroup'];
    if (provider === undefined) throw new Error('no provider');
    const { physicalId, attributes } = await provider.create(request);
    expect(physicalId).toMatch(/^stack-Fleet-[0-9A-F]+$/);
    expect(attributes['AutoScalingGroupARN']).toContain(`autoScalingGroupName/${physicalId}`);
    const stateOf = async () => (await world.group(physicalId)).Instances.map((instance) => instance.LifecycleState).join();
    await until(async () => (await stateOf()) === 'Pending:Wait');

    const changed = { ...properties, MinSize: '0', MaxSize: '3', Tags: [{ Key: 'other', Value: 'x', PropagateAtLaunch: false }] };
    await provider.update({ ...request, physicalId, properties: changed, previous: properties });
    expect((await world.group(physicalId)).Tags.map((tag) => tag.Key)).toEqual(['other']);
    expect(await stateOf()).toBe('Pending:Wait');

    await provider.delete({ ...request, physicalId });
    await provider.delete({ ...request, physicalId });
    expect(world.running.size).toBe(0);
  });

  it('registers what is in service when an update adds a target group, and deregisters it when one removes it', async () => {
    const provider = world.service.resourceTypes['AWS::AutoScaling::AutoScalingGroup'];
    if (provider === undefined) throw new Error('no provider');
    const without = { ...properties, AutoScalingGroupName: 'web', TargetGroupARNs: [], LifecycleHookSpecificationList: [] };
    const { physicalId } = await provider.create({ ...request, properties: without });
    await settled('i-1 InService');
    const attached = { ...without, TargetGroupARNs: [TARGET_GROUP] };
    await provider.update({ ...request, physicalId, properties: attached, previous: without });
    await provider.update({ ...request, physicalId, properties: without, previous: attached });
    expect(world.order.filter((entry) => entry.includes('register'))).toEqual(['register i-1', 'deregister i-1']);
  });

  it('creates, updates and deletes a lifecycle hook', async () => {
    await world.create({ DesiredCapacity: '0' });
    const type = 'AWS::AutoScaling::LifecycleHook';
    const provider = world.service.resourceTypes[type];
    if (provider === undefined) throw new Error('no provider');
    const own = { LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' };
    const made = { type, logicalId: 'Thing', stackName: 'stack', properties: { ...own, AutoScalingGroupName: 'web' } };
    const { physicalId } = await provider.create(made);
    expect((await provider.update({ ...made, physicalId, previous: made.properties })).physicalId).toBe(physicalId);
    await provider.delete({ ...made, physicalId });
    await provider.delete({ ...made, physicalId });
  });

  it('a hook that another stack adds to a group that has one can be deleted and leaves the group as it was', async () => {
    await world.create({ DesiredCapacity: '0' });
    await world.call('PutLifecycleHook', {
      ...web,
      LifecycleHookName: 'theirs',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    });
    const hooks = async () =>
      (await world.call<{ LifecycleHooks: { LifecycleHookName: string }[] }>('DescribeLifecycleHooks', web)).LifecycleHooks;
    const before = [await hooks(), await world.group()];
    const provider = world.service.resourceTypes['AWS::AutoScaling::LifecycleHook'];
    const properties = { ...web, LifecycleHookName: 'ours', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' };
    const request = { type: '', logicalId: 'Hook', stackName: 'holdfast', properties };
    const made = await provider?.create(request);
    expect((await hooks()).map(({ LifecycleHookName }) => LifecycleHookName)).toEqual(['theirs', 'ours']);
    await provider?.delete({ ...request, physicalId: made?.physicalId ?? '' });
    expect([await hooks(), await world.group()]).toEqual(before);
  });
});
