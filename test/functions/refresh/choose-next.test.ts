import { describe, expect, it } from 'vitest';
import { chooseNext, type Member } from '../../../functions/refresh/choose-next.ts';

const member = (instanceId: string, changes: Partial<Member> = {}): Member => ({
  instanceId,
  lifecycleState: 'InService',
  health: 'healthy',
  why: 'launch template version 1, and 2 is current',
  ...changes,
});
const current = (instanceId: string, changes: Partial<Member> = {}) => member(instanceId, { why: undefined, ...changes });
const choice = { taken: new Set<string>(), waitingSinceMs: 0, nowMs: 1_000_000, minimumHealthyTargets: 2, newcomerTimeoutSeconds: 600 };
const chosen = (members: readonly Member[], changes: Partial<typeof choice> = {}) => {
  const next = chooseNext(members, { ...choice, ...changes });
  return next.verdict === 'ROLL' ? next.member.instanceId : next;
};

describe('the next server to replace', () => {
  it('is an outdated one: one that serves nobody first, then by id', () => {
    expect(chosen([member('i-3'), member('i-2'), current('i-1')])).toBe('i-2');
    expect(chosen([member('i-1'), member('i-2', { health: 'unhealthy' }), current('i-3'), current('i-4')])).toBe('i-2');
  });

  it('is none once each is current or was taken', () => {
    expect(chosen([current('i-1'), current('i-2')])).toEqual({ verdict: 'DONE' });
    expect(chosen([member('i-1'), current('i-2'), current('i-3')], { taken: new Set(['i-1']) })).toEqual({ verdict: 'DONE' });
  });

  it.each(['Standby', 'Terminating:Wait', 'Detaching'])('is never one that is %s', (lifecycleState) => {
    expect(chosen([member('i-1', { lifecycleState }), current('i-2'), current('i-3')])).toEqual({ verdict: 'DONE' });
  });

  it.each([
    ['is starting', { lifecycleState: 'Pending:Wait', health: 'unused' }],
    ['awaits its first health check', { health: 'initial' }],
  ])('is awaited while a member %s, at most for newcomerTimeoutSeconds', (_, state) => {
    const members = [member('i-1'), member('i-2'), member('i-3'), current('i-4', state)];
    expect(chosen(members)).toEqual({ verdict: 'WAIT', waitingSinceMs: 1_000_000 });
    expect(chosen(members, { waitingSinceMs: 500_000 })).toEqual({ verdict: 'WAIT', waitingSinceMs: 500_000 });
    expect(() => chosen(members, { waitingSinceMs: 400_000 })).toThrow('still starting after 600 s: i-4');
  });

  it('leaves minimumHealthyTargets in service, and reports how to add one', () => {
    const members = [member('i-1'), member('i-2'), current('i-3', { health: 'unhealthy' })];
    expect(() => chosen(members)).toThrow(
      "only 1 target would stay healthy while i-1 is replaced, and minimumHealthyTargets is 2; add a server by raising the group's desired capacity",
    );
    expect(chosen(members, { minimumHealthyTargets: 1 })).toBe('i-1');
  });
});
