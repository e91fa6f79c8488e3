import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
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

  const groupProvider = () => {
    const provider = world.service.resourceTypes['AWS::AutoScaling::AutoScalingGroup'];
    if (provider === undefined) throw new Error('no provider');
    return provider;
  };

  it('creates a group once its instances are in service, those that wait for a hook not before, updates it, and ends it', async () => {
    const provider = groupProvider();
    const named = { ...properties, AutoScalingGroupName: 'web' };
    let created = false;
    const creation = provider.create({ ...request, properties: named }).finally(() => {
      created = true;
    });
    await settled('i-1 Pending:Wait');
    expect(created).toBe(false);
    await world.call('CompleteLifecycleAction', {
      ...web,
      LifecycleHookName: 'install',
      InstanceId: 'i-1',
      LifecycleActionResult: 'CONTINUE',
    });
    const { physicalId, attributes } = await creation;
    expect(await world.states()).toBe('i-1 InService');
    expect(physicalId).toBe('web');
    expect(attributes['AutoScalingGroupARN']).toContain(`autoScalingGroupName/${physicalId}`);

    const changed = { ...named, MinSize: '0', MaxSize: '3', Tags: [{ Key: 'other', Value: 'x', PropagateAtLaunch: false }] };
    await provider.update({ ...request, physicalId, properties: changed, previous: named });
    expect((await world.group(physicalId)).Tags.map((tag) => tag.Key)).toEqual(['other']);
    expect(await world.states()).toBe('i-1 InService');

    await provider.delete({ ...request, physicalId });
    await provider.delete({ ...request, physicalId });
    expect(world.running.size).toBe(0);
  });

  it("fails with CloudFormation's text when the first instances wait for a hook that nobody completes, and leaves no group", async () => {
    const creation = groupProvider()
      .create({ ...request, properties: { ...properties, AutoScalingGroupName: 'web', MinSize: '2' } })
      .catch((error: unknown) => error);
    await settled('i-1 Pending:Wait, i-2 Pending:Wait');
    world.advance(299_000);
    await settled('i-1 Pending:Wait, i-2 Pending:Wait');
    // The hook's own time-out, after which the instance is replaced and waits again: an hour of it.
    world.advance(3_301_000);
    expect(await creation).toMatchObject({ message: 'Group did not stabilize. {current/minSize/maxSize group size = 0/2/2}.' });
    expect((await world.call<{ AutoScalingGroups: object[] }>('DescribeAutoScalingGroups', {})).AutoScalingGroups).toEqual([]);
    await until(() => world.running.size === 0);
  });

  it('names the launch that failed when no instance comes into service', async () => {
    world = createWorld({ failLaunches: 1 });
    const creation = groupProvider()
      .create({ ...request, properties: { ...properties, LifecycleHookSpecificationList: [] } })
      .catch((error: unknown) => error);
    await until(
      async () => (await world.call<{ Activities: { StatusCode: string }[] }>('DescribeScalingActivities', {})).Activities.length === 1,
    );
    world.advance(3_600_000);
    expect(await creation).toMatchObject({
      message:
        'Group did not stabilize. {current/minSize/maxSize group size = 0/1/2}. Failed Scaling Activity: InsufficientInstanceCapacity.',
    });
  });

  it('adds a hook to a group that is in service: only later launches wait for it', async () => {
    const { physicalId } = await groupProvider().create({
      ...request,
      properties: { ...properties, AutoScalingGroupName: 'web', LifecycleHookSpecificationList: [] },
    });
    const hook = { ...web, LifecycleHookName: 'install', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' };
    const type = 'AWS::AutoScaling::LifecycleHook';
    await world.service.resourceTypes[type]?.create({ type, logicalId: 'Hook', stackName: 'stack', properties: hook });
    await world.call('SetDesiredCapacity', { AutoScalingGroupName: physicalId, DesiredCapacity: '2' });
    await settled('i-1 InService, i-2 Pending:Wait');
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
