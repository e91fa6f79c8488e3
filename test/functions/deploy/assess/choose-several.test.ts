import { describe, expect, it } from 'vitest';
import { type Choice, chooseNextTarget } from '../../../../functions/deploy/assess/choose-next-target.ts';
import type { FleetMember } from '../../../../functions/deploy/assess/fleet-members.ts';

const member = (instanceId: string, zone: string, more: Partial<FleetMember> = {}): FleetMember => ({
  instanceId,
  zone,
  version: '1',
  health: 'healthy',
  lifecycle: 'inService',
  ...more,
});
const CHOICE: Omit<Choice, 'inFlight' | 'mostAtOnce'> = {
  rolled: new Set(),
  newcomers: new Map(),
  version: '2',
  recover: false,
  nowMs: 1_000_000,
  limits: { minimumHealthyTargets: 1, newcomerTimeoutSeconds: 600 },
};

/** All that begin before one has to end, in order. */
function begin(members: readonly FleetMember[], mostAtOnce: number, more: Partial<Choice> = {}): string[] {
  const inFlight = new Set(more.inFlight);
  const begun: string[] = [];
  for (;;) {
    const next = chooseNextTarget(members, { ...CHOICE, mostAtOnce, ...more, inFlight });
    if (next.verdict !== 'ROLL') return begun;
    begun.push(next.member.instanceId);
    inFlight.add(next.member.instanceId);
  }
}

const SIX = [member('i-1', 'a'), member('i-2', 'a'), member('i-3', 'a'), member('i-4', 'b'), member('i-5', 'b'), member('i-6', 'b')];

describe('what begins at once', () => {
  it('is no more than the limit, spread over the zones', () => {
    expect(begin(SIX, 1)).toEqual(['i-1']);
    expect(begin(SIX, 4)).toEqual(['i-1', 'i-4', 'i-2', 'i-5']);
  });

  it('leaves the minimum of those that are not at work', () => {
    const limits = { minimumHealthyTargets: 3, newcomerTimeoutSeconds: 600 };
    expect(begin(SIX, 6, { limits })).toEqual(['i-1', 'i-4', 'i-2']);
    // One at work can look healthy, and one that is not can be out.
    const one = SIX.map((each) => (each.instanceId === 'i-6' ? { ...each, health: 'draining' } : each));
    expect(begin(one, 6, { limits })).toEqual(['i-6', 'i-1', 'i-2']);
  });

  it('leaves no zone without a server while one at work comes back there', () => {
    expect(begin(SIX, 6)).toEqual(['i-1', 'i-4', 'i-2', 'i-5']);
    const lone = [member('i-1', 'a'), member('i-2', 'b'), member('i-3', 'b'), member('i-4', 'b')];
    expect(begin(lone, 4), 'the only one of a zone goes, since nobody could take its place').toEqual(['i-2', 'i-1', 'i-3']);
    expect(begin(SIX, 6, { inFlight: new Set(['i-4', 'i-5']) }), 'i-6 has to wait').toEqual(['i-1', 'i-2']);
  });

  it('leaves a zone its last server while one at work there was stopped, which is no member any more', () => {
    const members = SIX.filter(({ instanceId }) => !['i-2', 'i-3'].includes(instanceId));
    const inFlight = new Set(['i-2']);
    expect(begin(members, 6, { inFlight, zonesInFlight: new Map([['i-2', 'a']]) })).toEqual(['i-4', 'i-5']);
    expect(begin(members, 6), 'once its roll has ended, nobody comes back there').toEqual(['i-4', 'i-1', 'i-5']);
  });

  it('leaves no two of one zone for the end, which could not be out at once', () => {
    const four = [member('i-1', 'b'), member('i-2', 'c'), member('i-3', 'a'), member('i-4', 'a')];
    const first = begin(four, 2);
    const after = four.map((each) => (first.includes(each.instanceId) ? { ...each, version: '2' } : each));
    expect([first, begin(after, 2, { rolled: new Set(first) })]).toEqual([
      ['i-3', 'i-1'],
      ['i-2', 'i-4'],
    ]);
  });

  it('is unhealthy ones first, whatever their zone', () => {
    const members = SIX.map((each) => (['i-2', 'i-3'].includes(each.instanceId) ? { ...each, health: 'unhealthy' } : each));
    expect(begin(members, 3)).toEqual(['i-2', 'i-3', 'i-4']);
  });

  it('waits with newcomers until the release has proven itself', () => {
    const members = [...SIX.slice(0, 2), member('i-0', 'b'), member('i-9', 'c', { version: '2' })];
    const newcomers = new Map([['i-0', 999_000]]);
    expect(begin(members, 3, { newcomers })).toEqual(['i-1', 'i-0']);
    const unproven = members.slice(0, 3);
    expect(begin(unproven, 3, { newcomers, inFlight: new Set(['i-1', 'i-2']) })).toEqual([]);
  });

  it('is every server without a zone that the limit and the minimum allow', () => {
    const named = SIX.map(({ zone: _zone, ...each }) => each);
    expect(begin(named, 3)).toEqual(['i-1', 'i-2', 'i-3']);
    expect(begin(named, 6)).toEqual(['i-1', 'i-2', 'i-3', 'i-4', 'i-5']);
  });

  it('waits for one at work before too few others end the deploy', () => {
    const two = SIX.slice(2, 4);
    expect(chooseNextTarget(two, { ...CHOICE, mostAtOnce: 2, inFlight: new Set(['i-3']) })).toEqual({ verdict: 'AWAIT' });
    const limits = { minimumHealthyTargets: 2, newcomerTimeoutSeconds: 600 };
    expect(() => chooseNextTarget(two, { ...CHOICE, limits, mostAtOnce: 2, inFlight: new Set() })).toThrow(
      'only 1 target would stay healthy',
    );
  });
});
