import { describe, expect, it } from 'vitest';
import type { Member } from '../../../functions/refresh/choose-next.ts';
import { judgeReplacement, type Replacement, replacementTimeoutSeconds } from '../../../functions/refresh/judge-replacement.ts';
import { SETTINGS } from '../fakes/fixtures.ts';

const member = (instanceId: string, lifecycleState = 'InService', health = 'healthy', why?: string): Member => ({
  instanceId,
  lifecycleState,
  health,
  why,
});
const others = [member('i-2'), member('i-3')];
const judged = (members: readonly Member[], changes: Partial<Replacement> = {}) =>
  judgeReplacement({
    instanceId: 'i-1',
    known: ['i-1', 'i-2', 'i-3'],
    newcomers: [],
    members: [...members, ...others],
    desiredCapacity: 3,
    startedAtMs: 0,
    nowMs: 60_000,
    timeoutSeconds: 1_590,
    ...changes,
  });

describe('a server is replaced', () => {
  it('once another one is in service and healthy, even while the old one is still ending', () => {
    expect(judged([member('i-4')])).toMatchObject({ verdict: 'DONE', replacement: { instanceId: 'i-4' } });
    expect(judged([member('i-1', 'Terminating:Wait', 'draining'), member('i-4')]).verdict).toBe('DONE');
  });

  it('without another one when the group has become smaller', () => {
    expect(judged([], { desiredCapacity: 2 })).toEqual({ verdict: 'DONE', newcomers: [] });
  });
});

describe('a server is not replaced yet', () => {
  it.each([
    ['it is in service', [member('i-1')]],
    ['no other was launched', [member('i-1', 'Terminating')]],
    ['the other one is starting', [member('i-4', 'Pending:Wait', 'unused')]],
    ['the other one is not healthy', [member('i-4', 'InService', 'initial')]],
  ])('while %s', (_, members) => {
    expect(judged(members).verdict).toBe('WAIT');
  });

  it('remembers the newcomers', () => {
    expect(judged([member('i-4', 'Pending', 'unused')]).newcomers).toEqual(['i-4']);
  });
});

describe('the refresh stops', () => {
  it.each([
    ['is gone', []],
    ['is terminating', [member('i-4', 'Terminating:Wait', 'unused')]],
    ['is gone and another one is tried', [member('i-5', 'Pending:Wait', 'unused')]],
  ])('when a newcomer that has not served %s', (_, members) => {
    expect(() => judged(members, { newcomers: ['i-4'] })).toThrow(
      'i-4, which was launched in place of i-1, was terminated before it served: its launch failed',
    );
  });

  it('when the newcomer is outdated as well: it would never end', () => {
    expect(() => judged([member('i-4', 'InService', 'healthy', 'image ami-1, and ami-2 is current')])).toThrow(
      'i-4, which replaced i-1, is outdated as well: image ami-1, and ami-2 is current',
    );
  });

  it('when the time is up, naming the state of what was launched', () => {
    expect(() => judged([member('i-4', 'Pending:Wait', 'unused')], { nowMs: 1_590_000 })).toThrow(
      'no server replaced i-1 within 1590 s: i-4 is Pending:Wait, unused at the load balancer',
    );
    expect(() => judged([], { nowMs: 1_590_000 })).toThrow('the group has launched none; see its scaling activities');
  });

  it('after the time that an old server needs to go and a new one to come', () => {
    expect(replacementTimeoutSeconds(SETTINGS)).toBe(2_750);
  });
});
