import { expect, it } from 'vitest';
import { recoverWords, resumed, stopWords } from '../../../cli/deploy/resumed.ts';
import type { DeployRecord } from '../../../functions/records/types.ts';

const target = { order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 };
const PAUSE = { after: 1, startedAtMs: 1, endsAtMs: 2 };
const record = (more: Partial<DeployRecord> = {}) => ({
  pauseAfter: 1,
  pause: PAUSE,
  targets: {
    'i-1': { ...target, phase: 'rolledBack' as const },
    'i-2': { ...target, phase: 'waiting' as const },
    'i-3': { ...target, phase: 'skipped' as const },
  },
  ...more,
});

it.each<[string, Partial<DeployRecord>, number | undefined, string | undefined]>([
  ['was to stop and nobody continued stops again', {}, 1, 'this one stops after 1 server as well'],
  ['failed before its stop stops as well', { pause: undefined }, 1, 'this one stops after 1 server as well'],
  ['has too few servers left to stop says so', { pauseAfter: 2 }, undefined, 'this one does not stop'],
  ['somebody had continued goes on', { pause: { ...PAUSE, continued: { requestedBy: 'ann', atMs: 1 } } }, undefined, undefined],
  ['was not to stop does not', { pauseAfter: undefined, pause: undefined }, undefined, undefined],
])('a deploy that is resumed and %s', (_, more, pauseAfter, words) => {
  const again = resumed(record(more));
  expect(again).toEqual({ ...(pauseAfter && { pauseAfter }) });
  const said = stopWords(record(more), again);
  if (words === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(words);
});

it('a release that turns users away by intent still does', () => {
  expect(resumed(record({ expect: 'turned-away', pauseAfter: undefined }))).toEqual({ expect: 'turned-away' });
});

it('a restart is one of the same servers', () => {
  expect(resumed(record({ restart: 'i-1' }))).toEqual({ restart: 'i-1' });
  expect(resumed(record({ restartAll: true, expect: 'pages' }))).toEqual({ restartAll: true, expect: 'pages', pauseAfter: 1 });
});

const BACK = { ...target, phase: 'rolledBack', startedAtMs: 1, rollingBackTo: '1.0.0' } as const;
const OUT = {
  ...target,
  phase: 'failed',
  startedAtMs: 1,
  healthBefore: 'healthy',
  takenOut: true,
  phases: [{ phase: 'checkingReadiness', startedAtMs: 1 }],
} as const;
const LEFT = {
  ...target,
  phase: 'draining',
  startedAtMs: 1,
  healthBefore: 'healthy',
  phases: [{ phase: 'draining', startedAtMs: 1 }],
} as const;
const KEPT = { ...LEFT, phase: 'failed', takenOut: false } as const;
const left = (more: Partial<DeployRecord>) => ({
  settings: { reconcileMinutes: 5, minimumHealthyTargets: 2 },
  ...more,
  targets: more.targets ?? {},
});

it.each<[string, Partial<DeployRecord>, boolean, object]>([
  ['of servers that are all back, or never left', { targets: { a: BACK, b: KEPT, c: { ...target, phase: 'waiting' } } }, false, {}],
  ['that was refused before it had a plan', {}, false, {}],
  ['with enough servers in service', { targets: { a: OUT, b: BACK, c: { ...target, phase: 'done' } } }, false, {}],
  ['with too few', { targets: { a: OUT, b: OUT, c: BACK } }, false, { recover: true, keepsSessions: true }],
  [
    'with too few, since one was out of service before, and an instance is gone',
    { targets: { a: OUT, b: { ...target, phase: 'waiting', healthBefore: 'unhealthy' }, c: BACK, d: { ...KEPT, phase: 'skipped' } } },
    false,
    { recover: true, keepsSessions: true },
  ],
  [
    'whose other servers have no release yet',
    { targets: { a: OUT, b: { ...target, phase: 'waiting', fromVersion: 'none' } } },
    false,
    { recover: true, keepsSessions: true },
  ],
  ['that was started with --recover', { recover: true, targets: { a: BACK } }, false, { recover: true }],
  ['that began with too few by itself, which is over', { recover: true, keepsSessions: true, targets: { a: BACK, b: BACK } }, false, {}],
  ['that is resumed with --recover', { targets: { a: OUT, b: OUT } }, true, { recover: true }],
])('the safeguards of a deploy %s', (_, more, recover, expected) => {
  const again = resumed(left(more), recover);
  expect(again).toEqual(expected);
  expect(recoverWords(left(more), again) === undefined).toBe(!('recover' in expected));
});

it('says what it does that nobody has asked for', () => {
  const record = left({ targets: { a: OUT, b: OUT, c: BACK } });
  expect(recoverWords(record, resumed(record))).toMatch(
    /left 1 of 3 servers in service, and minimumHealthyTargets is 2.* refuses what would end users' sessions/,
  );
  expect(recoverWords(record, resumed(record, true))).toMatch(/^With --recover: .* it ends them/);
});
