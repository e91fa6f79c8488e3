import { describe, expect, it } from 'vitest';
import { emptiesZone, givenAtOnce, mostAtOnce, plannedServers, targetsAtWork } from '../../../../functions/deploy/rolls/in-flight.ts';
import { longestPauseMs, lookAgain } from '../../../../functions/deploy/rolls/look-again.ts';
import { deploySettings } from '../../../../functions/deploy/settings/settings.ts';
import type { Phase, TargetProgress } from '../../../../functions/records/types.ts';

const target = (phase: Phase, more: Partial<TargetProgress> = {}): TargetProgress => ({
  phase,
  order: 0,
  fromVersion: '1',
  phaseStartedAtMs: 0,
  startedAtMs: 0,
  executionName: 'e',
  ...more,
});

describe('the limit', () => {
  it.each([
    [1, 12, 1],
    [5, 3, 5],
    ['25%', 12, 3],
    ['25%', 7, 1],
    ['25%', 3, 1],
    ['100%', 4, 4],
    ['1%', 200, 2],
  ])('of %s for %s servers is %s', (maxParallel, servers, limit) => {
    expect(mostAtOnce(maxParallel, servers)).toBe(limit);
  });

  it('refers to the servers that the fleet had when the deploy was planned', () => {
    expect(plannedServers({ 'i-1': target('done'), 'i-2': target('skipped'), 'i-3': target('waiting', { newcomer: true }) })).toBe(2);
  });

  it.each([
    [1, 12, {}],
    [3, 12, { atOnce: 3 }],
    [1_000, 4, { atOnce: 4 }],
    [5, 1, {}],
  ])('of %d for %d servers goes to each roll, where several can poll at once', (limit, servers, given) => {
    expect(givenAtOnce(limit, servers)).toEqual(given);
  });

  it.each([0, 1.5, '0%', '101%', '25', '25 %', '-1%'])('cannot be %s', (maxParallel) => {
    expect(deploySettings.safeParse({ maxParallel }).success).toBe(false);
  });

  it('is one by default', () => {
    expect(deploySettings.parse({}).maxParallel).toBe(1);
  });
});

describe('a target is in flight', () => {
  it.each<[string, TargetProgress, boolean]>([
    ['from being chosen', target('waiting'), true],
    ['until its bake has passed', target('baking'), true],
    ['and no longer', target('done'), false],
    ['not when it has failed', target('failed'), false],
    ['not when it is back', target('rolledBack'), false],
    ['not before it is chosen', target('waiting', { executionName: undefined as never }), false],
    ['not when its execution is known to have died', target('installing', { died: 'e' }), false],
    ['when a later execution works on it than the one that died', target('installing', { died: 'before' }), true],
  ])('%s', (_, progress, is) => {
    expect(targetsAtWork({ 'i-1': progress })).toHaveLength(Number(is));
  });
});

describe('a look at those at work', () => {
  const look = (seconds: number, phase: Phase = 'draining', phaseStartedAtMs = 0) =>
    lookAgain([{ ...target(phase, { phaseStartedAtMs }), instanceId: 'i-1', executionName: 'e' }], {
      bakeSeconds: 60,
      lastChangeMs: 0,
      nowMs: seconds * 1_000,
    });

  it('follows the other at once for some minutes', () => {
    expect(look(170).verdict).toBe('REPEAT');
  });

  it('comes the later, the longer nothing has begun or ended', () => {
    expect(look(300)).toEqual({ verdict: 'WAIT', waitSeconds: 50 });
    expect(look(3_600)).toEqual({ verdict: 'WAIT', waitSeconds: 90 });
  });

  it('polls closely around the end of a bake only', () => {
    const pause = (bakedMs: number) => longestPauseMs([{ ...target('baking'), instanceId: 'i-1', executionName: 'e' }], 60, bakedMs);
    expect([58_000, 59_500, 64_000, 65_000].map(pause)).toEqual([Infinity, 100, 100, Infinity]);
  });

  it('sleeps through no end of a bake', () => {
    expect(look(3_600, 'baking', 3_560_000)).toEqual({ verdict: 'WAIT', waitSeconds: 20 });
    expect(look(3_600, 'baking', 3_500_000)).toEqual({ verdict: 'WAIT', waitSeconds: 1 });
  });
});

it('a zone is not emptied while one at work comes back there', () => {
  const members = [
    { instanceId: 'i-1', zone: 'a', serves: true },
    { instanceId: 'i-2', zone: 'a', serves: true },
    { instanceId: 'i-3', zone: 'b', serves: true },
    { instanceId: 'i-4', serves: true },
  ];
  expect(emptiesZone(members, 'i-1', new Set())).toBe(false);
  expect(emptiesZone(members, 'i-1', new Set(['i-2']))).toBe(true);
  expect(emptiesZone(members, 'i-3', new Set(['i-1', 'i-2']))).toBe(false);
  expect(emptiesZone(members, 'i-4', new Set(['i-1']))).toBe(false);
});
