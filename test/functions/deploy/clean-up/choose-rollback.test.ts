import { describe, expect, it } from 'vitest';
import {
  chooseNextAction,
  type FleetAfterDeploy,
  goneTargets,
  rollbackVersion,
} from '../../../../functions/deploy/clean-up/choose-rollback.ts';
import type { Phase, TargetProgress } from '../../../../functions/records/types.ts';

let order = 0;
const target = (phase: TargetProgress['phase'], more: Partial<TargetProgress> = {}): TargetProgress => ({
  phase,
  order: order++,
  fromVersion: '1',
  healthBefore: 'healthy',
  phaseStartedAtMs: 1,
  startedAtMs: 1,
  ...more,
});
const untouched = target('waiting', { startedAtMs: undefined });
const broken = target('failed', { rollingBackTo: '1' });
const history = (...phases: TargetProgress['phase'][]) => phases.map((phase) => ({ phase, startedAtMs: 1 }));
const drained = (phase: TargetProgress['phase']) => target(phase, { phases: history('draining') });
const fleet = (targets: Record<string, TargetProgress>, more: Partial<FleetAfterDeploy> = {}): FleetAfterDeploy => ({
  targets,
  health: new Map(Object.keys(targets).map((instanceId) => [instanceId, 'healthy'])),
  version: '2',
  current: '1',
  installable: new Set(['1', '2']),
  mode: 'rollback',
  placeholders: new Set(),
  inFlight: new Set(),
  mostAtOnce: 1,
  minimumHealthyTargets: 0,
  waitIsOver: false,
  ...more,
});

/** Three servers, of which the deploy has touched some; two others have to stay healthy while one is out. */
const kept = target('failed', { phases: history('draining', 'failed') });
const three = (targets: Record<string, TargetProgress>, health: Record<string, string> = {}, more: Partial<FleetAfterDeploy> = {}) =>
  fleet(targets, {
    health: new Map(Object.entries({ a: 'healthy', b: 'healthy', c: 'healthy', ...health })),
    minimumHealthyTargets: 2,
    ...more,
  });

describe('chooseNextAction', () => {
  it.each<[string, FleetAfterDeploy, object]>([
    ['is done when nothing was touched', fleet({ a: untouched, b: target('skipped', { startedAtMs: undefined }) }), { action: 'done' }],
    ['rolls a failed target back', fleet({ a: target('failed'), b: untouched }), { action: 'roll', instanceId: 'a', toVersion: '1' }],
    [
      'restarts once more what was restarted with its own release',
      fleet({ a: target('done') }, { version: '1', restartAll: true }),
      { action: 'roll', instanceId: 'a', toVersion: '1' },
    ],
    [
      'brings back the earlier release of one that had another',
      fleet({ a: target('done', { fromVersion: '0' }) }, { version: '1', restartAll: true, installable: new Set(['0', '1']) }),
      { action: 'roll', instanceId: 'a', toVersion: '0' },
    ],
    [
      'has nothing to go back to where a release was deployed over itself',
      fleet({ a: target('done') }, { version: '1' }),
      { action: 'done' },
    ],
    ['rolls a target back that was done', fleet({ a: target('done') }), { action: 'roll', instanceId: 'a', toVersion: '1' }],
    ['rolls one back that was left in the middle', fleet({ a: target('installing') }), { action: 'roll', instanceId: 'a', toVersion: '1' }],
    [
      'takes one that serves nobody first',
      fleet({ a: target('done'), b: target('checkingReadiness') }, { health: new Map([['a', 'healthy']]) }),
      { action: 'roll', instanceId: 'b', toVersion: '1' },
    ],
    [
      'goes on where a clean-up that died was rolling back',
      fleet({ a: target('installing', { rollingBackTo: '0' }) }),
      { action: 'roll', toVersion: '0' },
    ],
    [
      'puts back first what was stopped before its install, rather than drain it once more',
      fleet({ a: target('done'), b: drained('draining') }, { health: new Map([['a', 'healthy']]) }),
      { action: 'register', instanceId: 'b' },
    ],
    ['leaves what failed before its install: it kept its release', fleet({ a: drained('failed') }), { action: 'done' }],
    [
      'rolls back what failed once an install was sent',
      fleet({ a: target('failed', { phases: history('draining', 'installing', 'failed') }) }),
      { action: 'roll', instanceId: 'a', toVersion: '1' },
    ],
    [
      "brings the fleet's release to one that failed before its install and served nobody even then",
      fleet({ a: target('failed', { healthBefore: 'unused', fromVersion: '0', phases: history('draining', 'failed') }) }),
      { action: 'roll', instanceId: 'a', toVersion: '1' },
    ],
    [
      'takes nothing that serves out while too few others are healthy: what was just registered is not yet',
      three({ b: kept, c: target('done') }, { b: 'initial' }),
      { action: 'wait' },
    ],
    ['goes on once they are healthy', three({ b: kept, c: target('done') }), { action: 'roll', instanceId: 'c' }],
    [
      'never waits to roll back what serves nobody',
      three({ b: kept, c: target('done') }, { a: 'unhealthy', b: 'unhealthy', c: 'unhealthy' }),
      { action: 'roll', instanceId: 'c' },
    ],
    [
      'registers what kept its release before it waits',
      three({ b: drained('draining'), c: target('done') }, { b: 'draining' }),
      { action: 'register', instanceId: 'b' },
    ],
    [
      'counts no placeholder among the healthy others',
      three({ c: target('done') }, {}, { placeholders: new Set(['b']) }),
      { action: 'wait' },
    ],
    [
      'takes a placeholder at any time',
      three({ c: target('failed', { fromVersion: 'none' }) }, { a: 'unhealthy' }, { placeholders: new Set(['c']) }),
      { action: 'roll', instanceId: 'c', toVersion: '1' },
    ],
    [
      'brings placeholders back at any time: the fleet served nobody before',
      three({ c: target('done', { fromVersion: 'none' }) }, {}, { current: 'none', placeholders: new Set(['a', 'b']) }),
      { action: 'roll', instanceId: 'c', toVersion: 'none' },
    ],
    [
      'brings one placeholder back to a fleet that serves only while enough others are healthy',
      three({ c: target('done', { fromVersion: 'none' }) }, { a: 'unhealthy' }, { installable: new Set(['2']) }),
      { action: 'wait' },
    ],
    [
      'leaves what serves when too few others are healthy in time, and lists it',
      three({ b: target('done'), c: target('done') }, { a: 'unhealthy' }, { waitIsOver: true }),
      { action: 'done', heldBack: ['b', 'c'] },
    ],
    [
      'puts back what is unfinished then',
      three({ c: target('baking') }, { a: 'unhealthy' }, { waitIsOver: true }),
      { action: 'register', instanceId: 'c' },
    ],
    [
      'begins no rollback while as many are at work as may be, though the next one serves nobody',
      fleet({ a: target('draining', { rollingBackTo: '1' }), b: target('failed') }, { health: new Map(), inFlight: new Set(['a']) }),
      { action: 'await' },
    ],
    [
      'begins one next to another where two may be',
      fleet(
        { a: target('draining', { rollingBackTo: '1' }), b: target('failed') },
        { health: new Map(), inFlight: new Set(['a']), mostAtOnce: 2 },
      ),
      { action: 'roll', instanceId: 'b', toVersion: '1' },
    ],
    ['leaves what it has rolled back', fleet({ a: target('rolledBack', { rollingBackTo: '1' }) }), { action: 'done' }],
    ['does not try a second time', fleet({ a: broken }), { action: 'done' }],
    ['leaves what serves once going back has failed', fleet({ a: broken, b: target('done') }), { action: 'done' }],
    [
      'goes on with what serves nobody even then',
      fleet({ a: broken, b: target('failed') }, { health: new Map() }),
      { action: 'roll', instanceId: 'b', toVersion: '1' },
    ],
    [
      'puts back an unfinished one that has no release before',
      fleet({ a: target('draining', { fromVersion: 'unknown' }) }, { current: 'none' }),
      { action: 'register', instanceId: 'a' },
    ],
    [
      'leaves a done one that had no known release before',
      fleet({ a: target('done', { fromVersion: 'unknown' }) }, { current: 'none' }),
      { action: 'done' },
    ],
    [
      'brings the placeholder back to a server that had it',
      fleet({ a: target('done', { fromVersion: 'none' }) }, { current: 'none' }),
      { action: 'roll', instanceId: 'a', toVersion: 'none' },
    ],
    [
      "brings the fleet's release to a server that had the placeholder, once there is one",
      fleet({ a: target('failed', { fromVersion: 'none' }) }),
      { action: 'roll', instanceId: 'a', toVersion: '1' },
    ],
    [
      'puts back alone when it is to halt',
      fleet({ a: target('done'), b: target('draining') }, { mode: 'halt' }),
      { action: 'register', instanceId: 'b' },
    ],
    [
      'is done when it is to halt and nothing is unfinished',
      fleet({ a: target('done'), b: target('failed') }, { mode: 'halt' }),
      { action: 'done' },
    ],
  ])('%s', (_, given, expected) => {
    expect(chooseNextAction(given)).toMatchObject(expected);
  });
});

describe('rollbackVersion', () => {
  const { targets: _, ...rest } = fleet({});
  it.each<[string, Partial<TargetProgress>, object, string | undefined]>([
    ['the release that it had and served with', { fromVersion: '0' }, { installable: new Set(['0', '1']) }, '0'],
    [
      "the fleet's release when it served nobody before",
      { fromVersion: '0', healthBefore: 'unused' },
      { installable: new Set(['0', '1']) },
      '1',
    ],
    ["the fleet's release when its own was never published", { fromVersion: '0' }, {}, '1'],
    ["never the deploy's own", { fromVersion: '2' }, { current: '2' }, undefined],
    ['what was decided before', { fromVersion: '1', rollingBackTo: '0' }, {}, '0'],
  ])('is %s', (_title, more, facts, expected) => {
    expect(rollbackVersion(target('done', more), { ...rest, ...facts })).toBe(expected);
  });
});

describe('goneTargets', () => {
  it.each<[string, Record<string, TargetProgress>, readonly string[]]>([
    ['names one that had a release', { a: target('failed') }, ['a']],
    ['not one that had the placeholder, and that nothing was installed on', { a: target('failed', { fromVersion: 'none' }) }, []],
    [
      'names one that had the placeholder and got the release: its instance was replaced in mid-deploy',
      {
        a: target('done', { fromVersion: 'none', phases: history('draining', 'installing', 'checkingReadiness', 'done') }),
        b: target('failed'),
      },
      ['a'],
    ],
  ])('%s', (_, targets, gone) => {
    expect(goneTargets(targets, new Set(['b']))).toEqual(gone);
  });
});

describe('a server whose install failed so that its previous release serves', () => {
  const phases = (...names: Phase[]) => names.map((phase, startedAtMs) => ({ phase, startedAtMs }));
  const failed: TargetProgress = {
    phase: 'failed',
    order: 0,
    fromVersion: '1',
    phaseStartedAtMs: 1,
    startedAtMs: 1,
    healthBefore: 'healthy',
    servingVersion: '1',
    phases: phases('waiting', 'draining', 'installing', 'failed'),
  };
  const next = (target: TargetProgress) =>
    chooseNextAction(fleet({ 'i-1': target }, { health: new Map([['i-1', 'initial']]), waitIsOver: true }));

  it.each<[string, Partial<TargetProgress>, string]>([
    ['is not drained again', {}, 'done'],
    ['only misses its registration when the roll was stopped in that moment', { phase: 'installing' }, 'register'],
    ['has kept its release when it was registered just before the deploy', { healthBefore: 'initial' }, 'done'],
    ['is rolled back when another release serves', { servingVersion: '0' }, 'roll'],
    ['is rolled back when it is unknown what serves', { servingVersion: undefined as unknown as string }, 'roll'],
    ['is rolled back when it was out of service before', { healthBefore: 'unused' }, 'roll'],
    [
      'is rolled back when the release got as far as the readiness check',
      { phases: phases('draining', 'installing', 'checkingReadiness', 'failed') },
      'roll',
    ],
    ['is rolled back to its placeholder', { fromVersion: 'none', servingVersion: 'none' }, 'roll'],
  ])('%s', (_, change, action) => {
    expect(next({ ...failed, ...change }).action).toBe(action);
  });
});
