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
  inFlight: new Set(),
  mostAtOnce: 1,
  newcomers: new Map(),
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

  it('takes placeholders before the only server with a release, and does not count them as healthy', () => {
    const halted = [member('i-1', '1'), member('i-2', 'none'), member('i-3', 'none')];
    expect(choose(halted)).toBe('i-2');
    expect(() => choose(halted, { rolled: new Set(['i-2', 'i-3']) })).toThrow(
      expect.objectContaining({ name: 'TooFewHealthyTargets', message: expect.stringContaining('only 0 targets would stay healthy') }),
    );
  });

  it('throws TooFewHealthyTargets when the minimum would not stay healthy', () => {
    expect(() => choose([member('i-1', '1'), member('i-2', '1')])).toThrow(
      expect.objectContaining({
        name: 'TooFewHealthyTargets',
        message: expect.stringContaining('only 1 target would stay healthy while i-1 is out of service, and minimumHealthyTargets is 2'),
      }),
    );
  });

  it.each([
    ['on its way into service', member('i-4', 'unknown', 'unused', 'starting')],
    ['in service with the previous release, and awaits its first health check', member('i-4', '1', 'initial')],
  ])('waits for the minimum while a replacement is %s, for as long as for any newcomer', (_, replacement) => {
    const members = [member('i-1', '2'), member('i-2', '1'), replacement];
    const seen = { rolled: new Set(['i-1']), newcomers: new Map([['i-4', 1_000_000]]) };
    const at = (nowMs: number) => () => chooseNextTarget(members, { ...choice, ...seen, waitingSinceMs: 1_000_000, nowMs });
    const limitMs = choice.limits.newcomerTimeoutSeconds * 1000;
    expect(at(1_000_000 + limitMs - 1)()).toEqual({ verdict: 'WAIT', waitingSinceMs: 1_000_000, leftOut: [] });
    expect(at(1_000_000 + limitMs)).toThrow(expect.objectContaining({ name: 'TooFewHealthyTargets' }));
  });

  it('does not wait for the minimum with recover, nor for a placeholder', () => {
    const members = [member('i-1', '2'), member('i-2', '1'), member('i-4', 'unknown', 'unused', 'starting')];
    const seen = { ...choice, rolled: new Set(['i-1']), newcomers: new Map([['i-4', 1_000_000]]) };
    expect(chooseNextTarget(members, { ...seen, recover: true })).toMatchObject({ verdict: 'ROLL', member: { instanceId: 'i-2' } });
    const placeholder = [...members.slice(0, 2), member('i-4', 'none', 'initial')];
    expect(() => chooseNextTarget(placeholder, seen)).toThrow(expect.objectContaining({ name: 'TooFewHealthyTargets' }));
  });

  it('remembers since when it waits', () => {
    const members = [member('i-1', 'unknown', 'unused', 'starting')];
    expect(chooseNextTarget(members, choice)).toEqual({ verdict: 'WAIT', waitingSinceMs: 1_000_000, leftOut: [] });
    expect(chooseNextTarget(members, { ...choice, waitingSinceMs: 500_000 })).toMatchObject({ verdict: 'WAIT', waitingSinceMs: 500_000 });
  });
});

describe('a newcomer', () => {
  const starting = (instanceId: string) => member(instanceId, 'unknown', 'unused', 'starting');
  const seen = (...entries: [string, number][]) => new Map(entries);

  it.each<{ title: string; members: readonly FleetMember[]; change: Partial<Choice>; next: object }>([
    {
      title: 'has its own time, and is left out when it is up, while a later one is waited for',
      members: [...others, starting('i-1'), starting('i-2')],
      change: { newcomers: seen(['i-1', 400_000], ['i-2', 900_000]), waitingSinceMs: 400_000 },
      next: { verdict: 'WAIT', waitingSinceMs: 400_000, leftOut: ['i-1'] },
    },
    {
      title: 'does not fail a deploy that every other server has passed: the deploy is done without it',
      members: [...others, starting('i-1')],
      change: { newcomers: seen(['i-1', 400_000]) },
      next: { verdict: 'DONE', leftOut: ['i-1'] },
    },
    {
      title: 'that never becomes healthy with the release is left out too',
      members: [...others, member('i-1', '2', 'initial')],
      change: { newcomers: seen(['i-1', 400_000]) },
      next: { verdict: 'DONE', leftOut: ['i-1'] },
    },
    {
      title: 'that keeps replacing another holds up the deploy for two times at most',
      members: [...others, starting('i-1')],
      change: { newcomers: seen(['i-1', 1_700_000]), waitingSinceMs: 500_000, nowMs: 1_700_000 },
      next: { verdict: 'DONE', leftOut: ['i-1'] },
    },
    {
      title: 'is rolled after the others, unhealthy as it is, and may then fail',
      members: [member('i-1', '1', 'unhealthy'), member('i-2', '2'), member('i-3', '2')],
      change: { newcomers: seen(['i-1', 900_000]) },
      next: { verdict: 'ROLL', member: expect.objectContaining({ instanceId: 'i-1' }), mayFail: true },
    },
    {
      title: 'waits for planned targets',
      members: [member('i-1', '1', 'unhealthy'), member('i-2', '1'), ...others],
      change: { newcomers: seen(['i-1', 900_000]) },
      next: { verdict: 'ROLL', member: expect.objectContaining({ instanceId: 'i-2' }), mayFail: false },
    },
    {
      title: 'may not fail while no server has the release: the release is at fault',
      members: [member('i-1', '1'), member('i-2', '1'), member('i-3', '1')],
      change: { newcomers: seen(['i-1', 900_000], ['i-2', 900_000], ['i-3', 900_000]) },
      next: { verdict: 'ROLL', member: expect.objectContaining({ instanceId: 'i-1' }), mayFail: false },
    },
  ])('$title', ({ members, change, next }) => {
    expect(chooseNextTarget(members, { ...choice, ...change })).toEqual(next);
  });

  it('does not fail a good deploy by the minimum of healthy targets: it waits, and is left out when its time is up', () => {
    const members = [member('i-1', '2', 'unhealthy'), member('i-2', '2'), member('i-4', '1')];
    const proven = { rolled: new Set(['i-1', 'i-2']), newcomers: seen(['i-4', 900_000]) };
    expect(chooseNextTarget(members, { ...choice, ...proven })).toEqual({ verdict: 'WAIT', waitingSinceMs: 1_000_000, leftOut: [] });
    expect(chooseNextTarget(members, { ...choice, ...proven, nowMs: 1_500_000 })).toEqual({ verdict: 'DONE', leftOut: ['i-4'] });
    const recovered = members.map((one) => ({ ...one, health: 'healthy' }));
    expect(chooseNextTarget(recovered, { ...choice, ...proven })).toMatchObject({ verdict: 'ROLL', mayFail: true });
  });

  it('throws NewcomerTimedOut when no server has the release, naming the instance', () => {
    const members = [starting('i-1')];
    expect(() => choose(members, { newcomers: seen(['i-1', 400_000]) })).toThrow(
      expect.objectContaining({
        name: 'NewcomerTimedOut',
        message: 'no server has release 2, and these are still starting after 600 s: i-1',
      }),
    );
  });
});
