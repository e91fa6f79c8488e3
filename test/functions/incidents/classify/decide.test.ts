import { describe, expect, it } from 'vitest';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { isTrailComplete } from '../../../../functions/incidents/trouble/changes.ts';
import { troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { evidence, minutesWith, NOW_MS, SIGN_MS } from '../healthy-evidence.ts';

const found = (over: Partial<Extract<Finding, { verdict: 'cause' }>> = {}): Finding => ({
  verdict: 'cause',
  cause: 'stickiness-off',
  confidence: 'certain',
  sentence: 'Stickiness is off, since 03:12 UTC',
  sinceMs: 0,
  because: [],
  wouldRefute: [],
  also: [],
  ...over,
});
const given = { modes: {}, fleets: ['web'], mitigations: {} };

describe('decide', () => {
  it('observes what no mode is configured for', () => {
    expect(decide(found(), given)).toEqual([
      { key: 'restore-stickiness', name: 'restore-stickiness', mode: 'observe', target: { fleet: 'web' }, reason: 'its mode is observe' },
    ]);
  });

  it.each([
    ['certain, and it can be undone', found(), { 'restore-stickiness': 'auto' }, 'auto'],
    ['likely', found({ confidence: 'likely' }), { 'restore-stickiness': 'auto' }, 'observe'],
    ['certain, and nothing can undo it', found({ cause: 'deploy-in-progress' }), { 'stop-deploy': 'auto' }, 'observe'],
  ] as const)('carries out by itself only what is certain and can be undone: %s', (_what, finding, modes, mode) => {
    expect(decide(finding, { ...given, isTrailComplete: true, modes })).toContainEqual(
      expect.objectContaining({ name: Object.keys(modes)[0], mode }),
    );
  });

  it('asks a person until CloudTrail can name who did it on purpose', () => {
    const modes = { 'restore-stickiness': 'auto' } as const;
    expect(decide(found(), { ...given, modes })).toMatchObject([{ mode: 'observe', reason: expect.stringContaining('CloudTrail') }]);
    expect(decide(found(), { ...given, modes, isTrailComplete: true })).toMatchObject([{ mode: 'auto' }]);
  });

  it.each([
    ['15 minutes later', true, {}, []],
    ['before that', false, { completeUntilMs: SIGN_MS - 1 }, []],
    ['where the changes of target groups were not looked up', false, {}, ['not looked up: ModifyTargetGroupAttributes (Throttled)']],
  ])('knows when CloudTrail has every change until the first sign: %s', (_, expected, over, gaps) => {
    const changes = { takenAtMs: NOW_MS, facts: { changes: [], completeUntilMs: SIGN_MS, ...over }, gaps };
    const whole = evidence();
    expect(isTrailComplete({ ...whole, sources: { ...whole.sources, changes } })).toBe(expected);
    expect(isTrailComplete({ ...whole, sources: { ...whole.sources, changes: { gap: 'none' } } })).toBe(false);
  });

  it('does not know it where what hurts users began after that', () => {
    const later = evidence({ traffic: minutesWith(5, { target5xx: 10 }) });
    const since = troubleOf(later).onset;
    expect(since).toBeGreaterThan(SIGN_MS - 60 * 60_000);
    const whole = (completeUntilMs: number) => ({
      ...later,
      firstSignMs: Number(since) - 600_000,
      sources: { ...later.sources, changes: { takenAtMs: NOW_MS, facts: { changes: [], completeUntilMs } } },
    });
    expect(isTrailComplete(whole(Number(since) - 60_000))).toBe(false);
    expect(isTrailComplete(whole(Number(since)))).toBe(true);
  });

  it('chooses nothing without a cause', () => {
    const modes = { 'restore-stickiness': 'auto' } as const;
    expect(decide({ verdict: 'unknown', candidates: ['stickiness-off'], missing: [], shown: [] }, { ...given, modes })).toEqual([]);
    expect(decide({ verdict: 'nothing', because: [], missing: [] }, { ...given, modes })).toEqual([]);
  });

  it('works on each fleet by itself, and on the store once', () => {
    const keys = decide(found({ cause: 'store-down' }), { ...given, fleets: ['web', 'shop'] }).map(({ key }) => key);
    expect(keys).toEqual(['re-login-page@web', 're-login-page@shop', 'promote-replica']);
  });

  it('bridges no outage that is over', () => {
    const failover = found({ cause: 'store-failing-over' });
    expect(decide(failover, given).map(({ name }) => name)).toEqual(['re-login-page', 'promote-replica']);
    expect(decide(failover, { ...given, isOutageOver: true }).map(({ name }) => name)).toEqual(['promote-replica']);
  });

  it('leaves to a person what concerns a fleet, where one server alone shows the cause', () => {
    const modes = { 're-login-page': 'auto' } as const;
    const modesOf = (finding: Finding) => decide(finding, { ...given, modes }).map(({ name, mode }) => [name, mode]);
    expect(modesOf(found({ cause: 'store-refuses', about: { instanceId: 'i-1' } }))).toEqual([['re-login-page', 'observe']]);
    expect(modesOf(found({ cause: 'store-refuses' }))).toEqual([['re-login-page', 'auto']]);
  });

  it('names the server and the deploy that a cause is about', () => {
    expect(decide(found({ cause: 'store-refuses', about: { instanceId: 'i-1' } }), given)).toMatchObject([
      { target: { instanceId: 'i-1' } },
    ]);
    expect(decide(found({ cause: 'deploy-in-progress', about: { deployId: 'd-1' } }), given)).toMatchObject([
      { target: { deployId: 'd-1' } },
    ]);
  });

  it.each([
    ['done', 0],
    ['undone', 0],
    ['ended', 1],
    ['observed', 1],
    ['refused', 1],
  ] as const)('after %s it is chosen %i times', (state, times) => {
    const record = { name: 'restore-stickiness', mode: 'observe', state, calls: [] } as const;
    expect(decide(found(), { ...given, mitigations: { 'restore-stickiness': record } as never })).toHaveLength(times);
  });

  it.each([
    ['observed', 5, 0],
    ['refused', 5, 0],
    ['ended', 5, 0],
    ['observed', 3, 1],
    ['ended', 3, 1],
  ] as const)(
    'in a run that a re-check began, what was %s at %i is chosen %i times: nothing of this episode, which began at 4, again',
    (state, finishedAtMs, times) => {
      const record = { name: 'restore-stickiness', mode: 'observe', state, calls: [], finishedAtMs } as const;
      expect(decide(found(), { ...given, onlyNewSinceMs: 4, mitigations: { 'restore-stickiness': record } as never })).toHaveLength(times);
    },
  );
});
