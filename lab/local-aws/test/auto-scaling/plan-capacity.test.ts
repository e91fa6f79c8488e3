import { describe, expect, it } from 'vitest';
import type { ProcessName } from '../../auto-scaling/group-state.ts';
import { type CapacityMember, type CapacityView, planCapacity } from '../../auto-scaling/plan-capacity.ts';

function member(instanceId: string, changes: Partial<CapacityMember> = {}): CapacityMember {
  return {
    instanceId,
    availabilityZone: 'a',
    state: 'InService',
    health: 'Healthy',
    protectedFromScaleIn: false,
    launchedAtMs: 0,
    ...changes,
  };
}

function view(changes: Partial<CapacityView>): CapacityView {
  return {
    desired: 2,
    suspended: new Set(),
    availabilityZones: ['a', 'b'],
    launchingZones: [],
    members: [],
    launchNotBeforeMs: 0,
    ...changes,
  };
}

function plan(changes: Partial<CapacityView>): string[] {
  return planCapacity(view(changes), 1000).map((action) =>
    action.kind === 'launch' ? `launch ${action.availabilityZone} ${action.reason}` : `terminate ${action.instanceId} ${action.reason}`,
  );
}

const suspended = (...names: ProcessName[]): ReadonlySet<ProcessName> => new Set(names);
const pair = [member('i-1'), member('i-2', { availabilityZone: 'b' })];
const oneSick = [member('i-1', { health: 'Unhealthy' }), member('i-2', { availabilityZone: 'b' })];

describe('planCapacity', () => {
  const cases: readonly (readonly [string, Partial<CapacityView>, readonly string[]])[] = [
    ['spreads the first launches over the zones', {}, ['launch a capacity', 'launch b capacity']],
    ['counts launches that are under way', { launchingZones: ['a'] }, ['launch b capacity']],
    ['leaves a group at its desired capacity alone', { members: pair }, []],
    ['does not count what is terminating', { members: [member('i-1'), member('i-2', { state: 'Terminating' })] }, ['launch b capacity']],
    [
      'counts an instance in Pending:Wait',
      { members: [member('i-1'), member('i-2', { availabilityZone: 'b', state: 'Pending:Wait' })] },
      [],
    ],
    ['replaces an unhealthy instance', { members: oneSick }, ['terminate i-1 unhealthy', 'launch a capacity']],
    ['keeps an unhealthy instance while ReplaceUnhealthy is suspended', { members: oneSick, suspended: suspended('ReplaceUnhealthy') }, []],
    ['keeps an unhealthy instance while Terminate is suspended', { members: oneSick, suspended: suspended('Terminate') }, []],
    [
      'ends an unhealthy instance without a replacement while Launch is suspended',
      { members: oneSick, suspended: suspended('Launch') },
      ['terminate i-1 unhealthy'],
    ],
    ['launches nothing while Launch is suspended', { suspended: suspended('Launch') }, []],
    ['waits after a failed launch', { launchNotBeforeMs: 1001 }, []],
    [
      'takes the oldest instance of the fullest zone first',
      {
        desired: 1,
        members: [member('i-1', { availabilityZone: 'b' }), member('i-2', { launchedAtMs: 5 }), member('i-3', { launchedAtMs: 4 })],
      },
      ['terminate i-3 excess', 'terminate i-1 excess'],
    ],
    [
      'leaves instances that are protected from scale-in',
      { desired: 1, members: [member('i-1', { protectedFromScaleIn: true }), member('i-2', { launchedAtMs: 9 })] },
      ['terminate i-2 excess'],
    ],
    ['does not scale in while Terminate is suspended', { desired: 1, members: pair, suspended: suspended('Terminate') }, []],
    [
      'ends a pending instance although Terminate is suspended',
      { desired: 1, members: [member('i-1'), member('i-2', { state: 'Pending:Wait' })], suspended: suspended('Terminate') },
      ['terminate i-2 excess'],
    ],
    ['rebalances zones that differ by two', { members: [member('i-1'), member('i-2')] }, ['launch b rebalance']],
    [
      'does not rebalance while AZRebalance is suspended',
      { members: [member('i-1'), member('i-2')], suspended: suspended('AZRebalance') },
      [],
    ],
    ['does not rebalance while an instance is starting', { members: [member('i-1'), member('i-2', { state: 'Pending:Wait' })] }, []],
  ];
  it.each(cases)('%s', (_title, changes, expected) => {
    expect(plan(changes)).toEqual(expected);
  });
});
