import { describe, expect, it } from 'vitest';
import { memberToRestart, nextToRestart, type RestartedServer } from '../../../../functions/deploy/assess/choose-next-target.ts';
import type { FleetMember } from '../../../../functions/deploy/assess/fleet-members.ts';

const member = (instanceId: string, more: Partial<FleetMember> = {}): FleetMember => ({
  instanceId,
  lifecycle: 'inService',
  version: '1',
  health: 'healthy',
  ...more,
});
const RESTART: RestartedServer = { fleet: 'web', instanceId: 'i-1', version: '1', current: '1', minimumHealthyTargets: 2 };
const THREE = [member('i-1'), member('i-2'), member('i-3')];
const unhealthy = { health: 'unhealthy' };

describe('the server to restart', () => {
  it.each<{ title: string; members: FleetMember[] }>([
    { title: 'a healthy one of three', members: THREE },
    { title: 'one that serves nobody, however few others do', members: [member('i-1', unhealthy), member('i-2', unhealthy)] },
    { title: 'the only server, which serves nobody', members: [member('i-1', { health: 'unused' })] },
  ])('is $title', ({ members }) => {
    expect(memberToRestart(members, RESTART)).toBe(members[0]);
  });

  it.each<{ title: string; members?: FleetMember[]; change?: Partial<RestartedServer>; name: string; message: string }>([
    { title: 'another release than the current one', change: { current: '2' }, name: 'InvalidInput', message: 'is 2, not 1; nothing' },
    { title: 'a fleet without a release', change: { current: undefined }, name: 'InvalidInput', message: 'is none, not 1' },
    {
      title: 'a server that the fleet does not have',
      members: THREE.slice(1),
      name: 'InvalidInput',
      message: 'i-1 was not restarted: it is no server in service in fleet web',
    },
    {
      title: 'one that is starting',
      members: [member('i-1', { lifecycle: 'starting' }), ...THREE.slice(1)],
      name: 'InvalidInput',
      message: 'still starting',
    },
    {
      title: 'one with another release',
      members: [member('i-1', { version: '0' }), ...THREE.slice(1)],
      name: 'InvalidInput',
      message: 'it has release 0 and not 1: deploy 1; nothing was changed',
    },
    {
      title: 'the last healthy one, whatever the minimum is',
      members: [member('i-1'), member('i-2', unhealthy)],
      change: { minimumHealthyTargets: 0 },
      name: 'TooFewHealthyTargets',
      message: 'i-1 is the last healthy server',
    },
    {
      title: 'one next to a placeholder alone',
      members: [member('i-1'), member('i-2', { version: 'none' })],
      change: { minimumHealthyTargets: 0 },
      name: 'TooFewHealthyTargets',
      message: 'last healthy',
    },
    {
      title: 'one without which fewer than the minimum serve',
      members: [member('i-1'), member('i-2')],
      name: 'TooFewHealthyTargets',
      message: 'only 1 target would stay healthy while i-1 is restarted, and minimumHealthyTargets is 2',
    },
  ])('is not $title', ({ members = THREE, change, name, message }) => {
    expect(() => memberToRestart(members, { ...RESTART, ...change })).toThrowError(
      expect.objectContaining({ name, message: expect.stringContaining(message) }),
    );
  });
});

describe('the next step of a restart', () => {
  const once = (...rolled: string[]) => ({ rolled: new Set(rolled), inFlight: new Set<string>() });

  it('is to wait while its server is at work', () => {
    expect(nextToRestart(THREE, RESTART, { rolled: new Set(), inFlight: new Set(['i-1']) })).toEqual({ verdict: 'AWAIT' });
  });

  it('is its one server, once', () => {
    expect(nextToRestart(THREE, RESTART, once())).toEqual({ verdict: 'ROLL', member: THREE[0], mayFail: false });
    expect(nextToRestart(THREE, RESTART, once('i-1'))).toEqual({ verdict: 'DONE', leftOut: [] });
  });

  it('waits for no other, with whatever release', () => {
    const others = [member('i-2', { version: '0' }), member('i-3', { lifecycle: 'starting' }), member('i-4', unhealthy)];
    expect(nextToRestart([member('i-1'), ...others], { ...RESTART, minimumHealthyTargets: 1 }, once('i-1'))).toMatchObject({
      verdict: 'DONE',
    });
  });

  it('fails when its server has left, or the others have failed meanwhile', () => {
    expect(() => nextToRestart(THREE.slice(1), RESTART, once())).toThrow('i-1 has left fleet web');
    expect(() => nextToRestart([member('i-1'), member('i-2')], RESTART, once())).toThrow('only 1 target');
  });
});
