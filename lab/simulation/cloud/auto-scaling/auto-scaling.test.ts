import { describe, expect, it } from 'vitest';
import { createSmallCloud, GROUP_NAME, IN_SERVICE } from './small-cloud.ts';

const LAUNCH_HOOK = { AutoScalingGroupName: GROUP_NAME, LifecycleHookName: 'install-current-release' };
const TERMINATE_HOOK = { AutoScalingGroupName: GROUP_NAME, LifecycleHookName: 'wait-until-idle' };
const AUTOMATIC = ['Terminate', 'ReplaceUnhealthy', 'AZRebalance'];

function begun() {
  const cloud = createSmallCloud();
  cloud.begin(IN_SERVICE);
  return cloud;
}

describe('a group in the simulation', () => {
  it('keeps the servers that it begins with', async () => {
    const { pass, describe: group, targets, terminating } = begun();
    await pass(600);
    expect(group()).toMatchObject({ DesiredCapacity: 3, SuspendedProcesses: [] });
    expect(group().Instances.map(({ LifecycleState }) => LifecycleState)).toEqual(['InService', 'InService', 'InService']);
    expect([...targets.values()]).toEqual(['healthy', 'healthy', 'healthy']);
    expect(terminating).toEqual([]);
  });

  it('suspends processes, and resumes them', async () => {
    const { pass, call, describe: group, running, terminating } = begun();
    call('SuspendProcesses', { AutoScalingGroupName: GROUP_NAME, ScalingProcesses: AUTOMATIC });
    expect(group().SuspendedProcesses.map(({ ProcessName }) => ProcessName)).toEqual(AUTOMATIC);
    running.delete('i-2');
    await pass(600);
    expect(group().Instances.find(({ InstanceId }) => InstanceId === 'i-2')).toMatchObject({
      LifecycleState: 'InService',
      HealthStatus: 'Unhealthy',
    });
    call('ResumeProcesses', { AutoScalingGroupName: GROUP_NAME, ScalingProcesses: AUTOMATIC });
    await pass(30);
    expect(terminating).toEqual(['i-2 unhealthy']);
  });

  it('replaces a server that its load balancer finds unhealthy, after the grace period only', async () => {
    const { pass, targets, terminating } = begun();
    targets.set('i-1', 'unhealthy');
    await pass(290);
    expect(terminating).toEqual([]);
    await pass(30);
    expect(terminating).toEqual(['i-1 unhealthy']);
  });

  it('registers a newcomer once its launch hook is completed', async () => {
    const { operator, pass, newcomers, running, targets, lastAction, call } = begun();
    operator.setDesiredCapacity(4);
    await pass(40);
    const [newcomer] = newcomers();
    expect(newcomer).toMatchObject({ LifecycleState: 'Pending:Wait' });
    const id = newcomer?.InstanceId ?? '';
    expect(running.has(id)).toBe(true);
    expect(targets.has(id)).toBe(false);
    const action = lastAction();
    expect(action).toMatchObject({ EC2InstanceId: id, LifecycleHookName: 'install-current-release' });
    call('CompleteLifecycleAction', {
      ...LAUNCH_HOOK,
      LifecycleActionToken: action.LifecycleActionToken,
      InstanceId: id,
      LifecycleActionResult: 'CONTINUE',
    });
    await pass(15);
    expect(newcomers()).toMatchObject([{ LifecycleState: 'InService' }]);
    expect(targets.get(id)).toBe('healthy');
  });

  it('ends a newcomer whose hook nobody completes, and launches another one', async () => {
    const { operator, pass, newcomers, terminating } = begun();
    operator.setDesiredCapacity(4);
    await pass(600);
    const first = newcomers()[0]?.InstanceId;
    await pass(60);
    expect(terminating).toEqual([`${first} abandoned`]);
    expect(newcomers()).toHaveLength(2);
  });

  it('waits on heartbeats for at most 100 times the time-out', async () => {
    const { operator, pass, newcomers, terminating, call } = begun();
    operator.setDesiredCapacity(4);
    await pass(40);
    const beat = () => call('RecordLifecycleActionHeartbeat', { ...LAUNCH_HOOK, InstanceId: newcomers()[0]?.InstanceId });
    for (let minutes = 0; minutes < 990; minutes += 9) {
      beat();
      await pass(540);
    }
    expect(terminating).toEqual([]);
    beat();
    await pass(700);
    expect(terminating).toHaveLength(1);
  });

  it('answers as AWS does for an action that is over', () => {
    const { call } = begun();
    expect(() => call('CompleteLifecycleAction', { ...LAUNCH_HOOK, InstanceId: 'i-1', LifecycleActionResult: 'CONTINUE' })).toThrow(
      'No active Lifecycle Action found with instance ID i-1',
    );
    expect(() => call('RecordLifecycleActionHeartbeat', { ...LAUNCH_HOOK, LifecycleActionToken: 'gone' })).toThrow(
      'No active Lifecycle Action found with token gone',
    );
  });

  it('drains a server that leaves, then lets it wait for its hook, then ends it', async () => {
    const { operator, pass, stateOf, targets, running, terminating, call, describe: group } = begun();
    operator.terminate('i-3', true);
    await pass(10);
    expect([stateOf('i-3'), targets.get('i-3'), terminating]).toEqual(['Terminating', 'draining', ['i-3 operator']]);
    await pass(40);
    expect([stateOf('i-3'), targets.has('i-3'), running.has('i-3')]).toEqual(['Terminating:Wait', false, true]);
    call('CompleteLifecycleAction', { ...TERMINATE_HOOK, InstanceId: 'i-3', LifecycleActionResult: 'CONTINUE' });
    await pass(20);
    expect([stateOf('i-3'), running.has('i-3'), group().DesiredCapacity]).toEqual([undefined, false, 2]);
  });

  it('tries failed launches again', async () => {
    const { operator, pass, newcomers, kernel } = begun();
    operator.refuseLaunches(120_000);
    operator.setDesiredCapacity(4);
    await pass(110);
    expect(newcomers()).toEqual([]);
    expect(kernel.timeline.entries.some(({ text }) => text.includes('InsufficientInstanceCapacity'))).toBe(true);
    await pass(120);
    expect(newcomers()).toHaveLength(1);
  });

  it('scales in to the desired capacity', async () => {
    const { operator, pass, terminating } = begun();
    operator.setDesiredCapacity(2);
    await pass(10);
    expect(terminating).toEqual(['i-1 excess']);
  });

  it('launches in the emptiest zone when zones are out of balance, unless that is suspended', async () => {
    const run = async (suspended: readonly string[]) => {
      const cloud = createSmallCloud();
      cloud.begin(['i-1', 'i-2', 'i-3', 'i-4']);
      cloud.running.add('i-4');
      cloud.operator.suspend(['AZRebalance']);
      for (const id of ['i-2', 'i-3']) cloud.operator.terminate(id, true);
      await cloud.pass(20);
      if (!suspended.includes('AZRebalance')) cloud.operator.resume(['AZRebalance']);
      await cloud.pass(40);
      return cloud.newcomers().filter(({ InstanceId }) => InstanceId !== 'i-4').length;
    };
    expect(await run(['AZRebalance'])).toBe(0);
    expect(await run([])).toBe(1);
  });

  it('is the same for the same seed', async () => {
    const run = async () => {
      const { operator, pass, kernel } = begun();
      operator.setDesiredCapacity(5);
      await pass(900);
      return kernel.timeline.hash();
    };
    expect(await run()).toBe(await run());
  });

  it('ends the run for what it lacks', () => {
    const { call } = begun();
    expect(() => call('DescribeAutoScalingGroups', { IncludeInstances: true })).toThrow('lacks DescribeAutoScalingGroups');
    expect(() => call('AttachInstances')).toThrow('no operation AttachInstances');
  });
});

describe('standby', () => {
  it('takes a server out behind its drain, and back without hooks', async () => {
    const { operator, pass, stateOf, targets, describe: group } = begun();
    operator.enterStandby('i-2', true);
    await pass(10);
    expect([stateOf('i-2'), targets.get('i-2')]).toEqual(['EnteringStandby', 'draining']);
    await pass(30);
    expect([stateOf('i-2'), targets.has('i-2'), group().DesiredCapacity]).toEqual(['Standby', false, 2]);
    operator.exitStandby('i-2');
    expect([stateOf('i-2'), group().DesiredCapacity]).toEqual(['Pending', 3]);
    await pass(30);
    expect([stateOf('i-2'), targets.get('i-2')]).toEqual(['InService', 'healthy']);
  });

  it('is replaced where the desired capacity stays', async () => {
    const { operator, pass, newcomers } = begun();
    operator.enterStandby('i-2', false);
    await pass(40);
    expect(newcomers()).toHaveLength(1);
  });

  it('is refused below the least size, and of a member that is not in service', async () => {
    const { operator } = begun();
    operator.enterStandby('i-1', true);
    expect(() => operator.enterStandby('i-1', true)).toThrow('not in InService');
    expect(() => operator.enterStandby('i-2', true)).toThrow('min-size=2');
    expect(() => operator.exitStandby('i-3')).toThrow('not in Standby');
  });
});
