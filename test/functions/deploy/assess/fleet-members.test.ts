import { describe, expect, it } from 'vitest';
import { fleetMembers, stoppedMembers } from '../../../../functions/deploy/assess/fleet-members.ts';

const lifecycleOf = (lifecycleState: string) =>
  fleetMembers({
    group: [{ instanceId: 'i-1', lifecycleState, healthStatus: 'Healthy' }],
    targets: [],
    instances: [],
    unrecorded: 'unknown',
  })[0]?.lifecycle;

describe('fleetMembers', () => {
  it.each([
    ['Pending', 'starting'],
    ['Pending:Wait', 'starting'],
    ['Pending:Proceed', 'starting'],
    ['InService', 'inService'],
    ['Standby', undefined],
    ['EnteringStandby', undefined],
    ['Terminating', undefined],
    ['Terminating:Wait', undefined],
    ['Terminated', undefined],
    ['Detaching', undefined],
    ['Warmed:Stopped', undefined],
  ])('takes an instance in %s for %s', (lifecycleState, lifecycle) => {
    expect(lifecycleOf(lifecycleState)).toBe(lifecycle);
  });

  it('joins versions and health, in the order of the ids', () => {
    const inService = (instanceId: string) => ({ instanceId, lifecycleState: 'InService', healthStatus: 'Healthy' });
    const members = fleetMembers({
      group: [inService('i-2'), inService('i-1')],
      targets: [{ instanceId: 'i-2', state: 'healthy' }],
      instances: [{ instanceId: 'i-2', version: '1', installedAtMs: 1 }],
      unrecorded: 'unknown',
    });
    expect(members).toEqual([
      { instanceId: 'i-1', lifecycle: 'inService', version: 'unknown', health: 'unused' },
      { instanceId: 'i-2', lifecycle: 'inService', version: '1', installedAtMs: 1, health: 'healthy' },
    ]);
  });

  it('leaves out what a group lists and does not run, and no named instance, which nobody replaces', () => {
    const targets = [
      { instanceId: 'i-1', state: 'unused', detail: 'Target.InvalidState: Target is in the stopped state' },
      { instanceId: 'i-2', state: 'unused', detail: 'not registered' },
    ];
    const group = ['i-1', 'i-2'].map((instanceId) => ({ instanceId, lifecycleState: 'InService', healthStatus: 'Healthy' }));
    const of = (view: { group: typeof group } | { named: string[] }) => ({
      targets,
      instances: [],
      unrecorded: 'unknown' as const,
      ...view,
    });
    expect(fleetMembers(of({ group })).map(({ instanceId }) => instanceId)).toEqual(['i-2']);
    expect(stoppedMembers(of({ group }))).toEqual(['i-1']);
    const named = of({ named: ['i-1', 'i-2'] });
    expect([fleetMembers(named).length, stoppedMembers(named)]).toEqual([2, []]);
  });

  it('takes what has no record for a placeholder or for unknown, as the fleet is', () => {
    const view = { named: ['i-1', 'i-2'], targets: [], instances: [{ instanceId: 'i-2', version: '1', installedAtMs: 1 }] };
    const versionsOf = (unrecorded: 'none' | 'unknown') => fleetMembers({ ...view, unrecorded }).map(({ version }) => version);
    expect(versionsOf('none')).toEqual(['none', '1']);
    expect(versionsOf('unknown')).toEqual(['unknown', '1']);
  });

  it('takes the named instances for the fleet without Auto Scaling, registered or not, and no stranger', () => {
    const members = fleetMembers({
      named: ['i-3', 'i-2', 'i-1'],
      targets: [
        { instanceId: 'i-1', state: 'healthy' },
        { instanceId: 'i-9', state: 'healthy' },
      ],
      instances: [{ instanceId: 'i-2', version: '1', installedAtMs: 1 }],
      unrecorded: 'unknown',
    });
    expect(members.map(({ instanceId, health }) => `${instanceId} ${health}`)).toEqual(['i-1 healthy', 'i-2 unused', 'i-3 unused']);
  });
});
