import { describe, expect, it } from 'vitest';
import { type Choice, chooseNextTarget } from '../../../../functions/deploy/assess/choose-next-target.ts';
import type { FleetMember } from '../../../../functions/deploy/assess/fleet-members.ts';

const member = (
  instanceId: string,
  version: string,
  health = 'healthy',
  lifecycle: FleetMember['lifecycle'] = 'inService',
): FleetMember => ({
  instanceId,
  version,
  health,
  lifecycle,
});
const choice: Choice = {
  rolled: new Set(),
  version: '2',
  recover: false,
  nowMs: 1_000_000,
  limits: { minimumHealthyTargets: 2, newcomerTimeoutSeconds: 600 },
};
const choose = (members: readonly FleetMember[], change: Partial<Choice> = {}) => {
  const step = chooseNextTarget(members, { ...choice, ...change });
  return step.verdict === 'ROLL' ? step.member.instanceId : step.verdict;
};
const others = [member('i-8', '2'), member('i-9', '2')];

describe('chooseNextTarget', () => {
  it.each<{ title: string; members: readonly FleetMember[]; change?: Partial<Choice>; chosen: string }>([
    { title: 'takes the first healthy one in order', members: [member('i-1', '1'), member('i-2', '1'), member('i-3', '1')], chosen: 'i-1' },
    {
      title: 'takes an unhealthy one first',
      members: [member('i-1', '1'), member('i-2', '1', 'unhealthy'), member('i-3', '1')],
      chosen: 'i-2',
    },
    { title: 'takes one without a recorded version', members: [...others, member('i-1', 'unknown')], chosen: 'i-1' },
    { title: 'skips one that has the version and is healthy', members: [member('i-1', '2'), member('i-2', '1'), ...others], chosen: 'i-2' },
    { title: 'rolls one that has the version and is out of service', members: [...others, member('i-1', '2', 'unused')], chosen: 'i-1' },
    {
      title: 'does not roll one twice that turned unhealthy after its roll',
      members: [...others, member('i-1', '2', 'unhealthy')],
      change: { rolled: new Set(['i-1']) },
      chosen: 'DONE',
    },
    { title: 'is done when all have the version', members: others, chosen: 'DONE' },
    { title: 'is done with an empty fleet', members: [], chosen: 'DONE' },
    {
      title: 'waits for an instance that is starting',
      members: [...others, member('i-1', 'unknown', 'unused', 'starting')],
      chosen: 'WAIT',
    },
    {
      title: 'waits for a newcomer with the version to become healthy',
      members: [...others, member('i-1', '2', 'initial')],
      chosen: 'WAIT',
    },
    {
      title: 'rolls what is there before it waits',
      members: [...others, member('i-1', '1'), member('i-2', 'unknown', 'unused', 'starting')],
      chosen: 'i-1',
    },
    { title: 'goes below the minimum to recover', members: [member('i-1', '1', 'unhealthy')], change: { recover: true }, chosen: 'i-1' },
    { title: 'takes a placeholder out whatever else is healthy: it serves nobody', members: [member('i-1', 'none')], chosen: 'i-1' },
    { title: 'goes on while exactly the minimum stays', members: [member('i-1', '1'), ...others], chosen: 'i-1' },
    {
      title: 'does not count the minimum against one that is unhealthy anyway',
      members: [member('i-1', '1', 'unhealthy'), ...others],
      chosen: 'i-1',
    },
  ])('$title', ({ members, change, chosen }) => {
    expect(choose(members, change)).toBe(chosen);
  });

  it('throws TooFewHealthyTargets when the minimum would not stay healthy', () => {
    expect(() => choose([member('i-1', '1'), member('i-2', '1')])).toThrow(
      expect.objectContaining({
        name: 'TooFewHealthyTargets',
        message: expect.stringContaining('only 1 targets would stay healthy while i-1 is out of service, and minimumHealthyTargets is 2'),
      }),
    );
  });

  it('remembers since when it waits', () => {
    const members = [member('i-1', 'unknown', 'unused', 'starting')];
    expect(chooseNextTarget(members, choice)).toEqual({ verdict: 'WAIT', waitingSinceMs: 1_000_000 });
    expect(chooseNextTarget(members, { ...choice, waitingSinceMs: 500_000 })).toEqual({ verdict: 'WAIT', waitingSinceMs: 500_000 });
  });

  it('throws NewcomerTimedOut naming the instance that keeps it waiting', () => {
    const members = [...others, member('i-1', 'unknown', 'unused', 'starting')];
    expect(() => choose(members, { waitingSinceMs: 400_000 })).toThrow(
      expect.objectContaining({ name: 'NewcomerTimedOut', message: 'still starting after 600 s: i-1' }),
    );
  });
});
