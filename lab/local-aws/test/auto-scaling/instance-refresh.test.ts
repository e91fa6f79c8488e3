import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { planRefresh, type RefreshView } from '../../auto-scaling/instance-refresh.ts';
import { createWorld, type World } from './fakes.ts';

type Preferences = RefreshView['refresh']['preferences'];
const MINUTE = 60_000;
const launchFirst = { MinHealthyPercentage: 100, MaxHealthyPercentage: 100 };

describe('planRefresh', () => {
  /** `-`: an old one in service; `+`: a new one that is ready; `w`: one that warms up; `p`: a pending one; `t`: an old one that is leaving; `u`: an old one that is unhealthy; `#`: an old, protected one. */
  const plan = (members: string, preferences: Partial<Preferences>, { desired = 4, paused = false } = {}) => {
    const view = [...members].map((kind, index) => ({
      instanceId: `i-${index}`,
      state: ({ p: 'Pending:Wait', t: 'Terminating:Wait' } as const)[kind] ?? ('InService' as const),
      health: kind === 'u' ? ('Unhealthy' as const) : ('Healthy' as const),
      launchedAtMs: 0,
      inServiceAtMs: kind === 'w' ? MINUTE : 0,
      protectedFromScaleIn: kind === '#',
    }));
    const toReplace = new Set(view.filter((_, index) => '-tu#'.includes(members[index] ?? '')).map(({ instanceId }) => instanceId));
    const all = { MinHealthyPercentage: 90, InstanceWarmup: 60, ScaleInProtectedInstances: 'Wait' as const, ...preferences };
    const { surplus, terminate, remaining } = planRefresh(
      { desired, members: view, launching: 0, refresh: { known: toReplace, toReplace, preferences: all }, paused },
      MINUTE + 30_000,
    );
    return `${surplus} more, ends ${terminate.join(' ') || 'none'}, ${remaining} left`;
  };

  it.each([
    ['launches one first where both bounds are 100', '----', launchFirst, '1 more, ends none, 4 left'],
    ['waits for the pending one', '----p', launchFirst, '1 more, ends none, 4 left'],
    ['waits for the warm-up', '----w', launchFirst, '1 more, ends none, 4 left'],
    ['ends one for each that is ready', '----+', launchFirst, '1 more, ends i-0, 4 left'],
    ['launches the next while the ended one drains', 't---+', launchFirst, '1 more, ends none, 3 left'],
    ['launches no more for the last', '-++++', launchFirst, '0 more, ends i-0, 1 left'],
    ['is at its end while the last one drains', 't++++', launchFirst, '0 more, ends none, 0 left'],
    ['launches as many as the maximum allows', '----', { ...launchFirst, MaxHealthyPercentage: 150 }, '2 more, ends none, 4 left'],
    ['ends one first without a maximum', '----', {}, '0 more, ends i-0, 4 left'],
    ['and then waits', 't---w', {}, '0 more, ends none, 3 left'],
    ['ends as many as the minimum allows', '----', { MinHealthyPercentage: 50 }, '0 more, ends i-0 i-1, 4 left'],
    ['does not count an unhealthy one', '-u--', {}, '0 more, ends none, 4 left'],
    ['waits for a protected one', '#+++', { MinHealthyPercentage: 50 }, '0 more, ends none, 1 left'],
    ['or ends it', '#+++', { MinHealthyPercentage: 50, ScaleInProtectedInstances: 'Refresh' }, '0 more, ends i-0, 1 left'],
  ] as const)('%s', (_, members, preferences, expected) => {
    expect(plan(members, preferences)).toBe(expected);
  });

  it('keeps what it has above the desired capacity while it is paused, launches none and ends none', () => {
    expect(plan('----+', launchFirst, { paused: true })).toBe('1 more, ends none, 4 left');
    expect(plan('t---+', launchFirst, { paused: true })).toBe('0 more, ends none, 3 left');
  });
});

describe('an instance refresh', () => {
  let world: World;
  const group = { AutoScalingGroupName: 'web' };
  const reached = (states: string) => until(async () => (await world.states()) === states);
  const latest = async () => {
    const { InstanceRefreshes } = await world.call<{ InstanceRefreshes: Record<string, unknown>[] }>('DescribeInstanceRefreshes', group);
    return InstanceRefreshes[0] ?? {};
  };
  const status = (wanted: string) => until(async () => (await latest())['Status'] === wanted);
  const start = (preferences: Record<string, unknown> = {}) =>
    world.call('StartInstanceRefresh', {
      ...group,
      Preferences: { MinHealthyPercentage: '100', MaxHealthyPercentage: '100', InstanceWarmup: '60', ...preferences },
    });
  const ticks = () => new Promise((resolve) => setTimeout(resolve, 30));

  beforeEach(async () => {
    world = createWorld();
    await world.create({ DesiredCapacity: '2' });
    await reached('i-1 InService, i-2 InService');
  });
  afterEach(() => world.service.stop());

  it('replaces one after the other: the new one is in service and warm before the old one leaves', async () => {
    await start();
    await reached('i-1 InService, i-2 InService, i-3 InService');
    await ticks();
    expect(world.order).not.toContain('deregister i-1');
    world.advance(60_000);
    await until(() => world.order.includes('deregister i-1'));
    await until(async () => (await world.states()).includes('i-4 InService'));
    expect(world.order).not.toContain('deregister i-2');
    expect(await latest()).toMatchObject({ Status: 'InProgress', PercentageComplete: 50, InstancesToUpdate: 1 });
    world.advance(60_000);
    await status('Successful');
    world.targetStates.clear();
    await reached('i-3 InService, i-4 InService');
    expect(await latest()).toMatchObject({ PercentageComplete: 100, InstancesToUpdate: 0, EndTime: expect.any(Date) });
  });

  it('skips what was launched from the same version, and is Successful at once where all match', async () => {
    await start({ SkipMatching: 'true' });
    await status('Successful');
    await world.call('UpdateAutoScalingGroup', { ...group, LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '2' } });
    await world.call('SetDesiredCapacity', { ...group, DesiredCapacity: '3' });
    await reached('i-1 InService, i-2 InService, i-3 InService');
    await start({ SkipMatching: 'true' });
    expect(await latest()).toMatchObject({ InstancesToUpdate: 2 });
  });

  it.each([['InstanceRefresh'], ['Terminate'], ['Launch']])(
    'is paused while %s is suspended, before it began and under way',
    async (process) => {
      const suspend = () => world.call('SuspendProcesses', { ...group, ScalingProcesses: [process] });
      const resume = () => world.call('ResumeProcesses', { ...group, ScalingProcesses: [process] });
      await suspend();
      await start();
      await ticks();
      expect(await world.states()).toBe('i-1 InService, i-2 InService');
      await resume();
      await reached('i-1 InService, i-2 InService, i-3 InService');
      await suspend();
      // An hour is too long for one that makes no progress, not for one that is paused; and nothing scales in what it has launched.
      world.advance(2 * 60 * MINUTE);
      await ticks();
      expect(await world.states()).toBe('i-1 InService, i-2 InService, i-3 InService');
      expect(await latest()).toMatchObject({ Status: 'InProgress' });
      await resume();
      await until(() => world.order.includes('deregister i-1'));
    },
  );

  it('is refused while another one is under way, and can be cancelled once', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'InstanceRefreshInProgress' });
    await reached('i-1 InService, i-2 InService, i-3 InService');
    await world.call('CancelInstanceRefresh', group);
    await status('Cancelled');
    await expect(world.call('CancelInstanceRefresh', group)).rejects.toMatchObject({ code: 'ActiveInstanceRefreshNotFound' });
    // What it had launched is now above the desired capacity.
    await until(() => world.order.some((line) => line.startsWith('deregister')));
  });

  it('waits, cancelled, for the end of what is on its way', async () => {
    await world.call('PutLifecycleHook', {
      ...group,
      LifecycleHookName: 'install',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      HeartbeatTimeout: '60',
    });
    await start();
    await reached('i-1 InService, i-2 InService, i-3 Pending:Wait');
    await world.call('CancelInstanceRefresh', group);
    await ticks();
    expect(await latest()).toMatchObject({ Status: 'Cancelling' });
    await expect(start()).rejects.toMatchObject({ code: 'InstanceRefreshInProgress' });
    await world.call('CompleteLifecycleAction', {
      ...group,
      LifecycleHookName: 'install',
      InstanceId: 'i-3',
      LifecycleActionResult: 'CONTINUE',
    });
    await status('Cancelled');
  });

  it('launches again when launches are abandoned, ends no old instance meanwhile, and fails after an hour', async () => {
    await world.call('PutLifecycleHook', {
      ...group,
      LifecycleHookName: 'install',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      HeartbeatTimeout: '60',
    });
    await start();
    for (const id of ['i-3', 'i-4']) {
      await until(async () => (await world.states()).includes(`${id} Pending:Wait`));
      world.advance(61_000);
      await until(() => !world.running.has(id));
    }
    expect(world.order.filter((line) => line.startsWith('deregister'))).toEqual([]);
    world.advance(60 * MINUTE);
    await status('Failed');
    expect(await latest()).toMatchObject({ StatusReason: expect.stringMatching(/no progress for an hour/) });
  });

  it('waits for protected instances unless it is to ignore or to replace them', async () => {
    await world.call('UpdateAutoScalingGroup', { ...group, NewInstancesProtectedFromScaleIn: 'true' });
    await world.call('SetDesiredCapacity', { ...group, DesiredCapacity: '3' });
    await reached('i-1 InService, i-2 InService, i-3 InService');
    await start({ ScaleInProtectedInstances: 'Ignore' });
    expect(await latest()).toMatchObject({ InstancesToUpdate: 2 });
  });

  it.each([
    [{ MinHealthyPercentage: undefined }, /MaxHealthyPercentage needs MinHealthyPercentage/],
    [{ MinHealthyPercentage: '50', MaxHealthyPercentage: '151' }, /cannot be greater than 100/],
    [{ MinHealthyPercentage: '101' }, /must be between 0 and 100/],
    [{ MaxHealthyPercentage: '99' }, /must be between 100 and 200/],
    [{ AutoRollback: 'true' }, /AutoRollback/],
  ])('refuses %j', async (preferences, message) => {
    await expect(start(preferences)).rejects.toThrow(message);
  });
});
