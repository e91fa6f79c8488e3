import { expect, it } from 'vitest';
import { chooseNextAction } from '../../../../functions/deploy/clean-up/choose-rollback.ts';
import { MAX_PHASES } from '../../../../functions/records/touched-targets.ts';
import type { Phase, TargetProgress } from '../../../../functions/records/types.ts';

const target = (phase: Phase, more: Partial<TargetProgress> = {}): TargetProgress => ({
  ...{ phase, order: 0, fromVersion: '1', healthBefore: 'healthy', phaseStartedAtMs: 1, startedAtMs: 1 },
  ...more,
});
/** Was rolled with the release, and failed while it went back, after these phases. */
const wentBack = (...phases: Phase[]): TargetProgress => {
  const entered: Phase[] = ['draining', 'installing', 'checkingReadiness', 'done', 'waiting', ...phases, 'failed'];
  return target('failed', { rollingBackTo: '1', phases: entered.map((phase) => ({ phase, startedAtMs: 1 })) });
};
/** What a server that serves the deploy's release is in for once another one could not go back. */
const afterFailure = (failed: TargetProgress) =>
  chooseNextAction({
    targets: { a: failed, b: target('done', { order: 1 }) },
    health: new Map([
      ['a', 'unused'],
      ['b', 'healthy'],
    ]),
    ...{ version: '2', current: '1', installable: new Set(['1', '2']), mode: 'rollback', placeholders: new Set() },
    ...{ inFlight: new Set(), mostAtOnce: 1, minimumHealthyTargets: 0, waitIsOver: false },
  });

it.each<[string, TargetProgress, object]>([
  ['leaves what serves once the previous release could not be installed', wentBack('draining', 'installing'), { action: 'done' }],
  [
    'leaves it once that release has failed its readiness check',
    wentBack('draining', 'installing', 'checkingReadiness'),
    { action: 'done' },
  ],
  [
    'goes on where a server is gone, or silent: that shows nothing of the previous release',
    wentBack('draining'),
    { action: 'roll', instanceId: 'b', toVersion: '1' },
  ],
  ['goes on where a server could not even be prepared', wentBack('preparing'), { action: 'roll', instanceId: 'b' }],
  ['leaves it where the history does not show how far the failed one came', target('failed', { rollingBackTo: '1' }), { action: 'done' }],
  ['leaves it where that history is full', wentBack(...Array.from({ length: MAX_PHASES }, (): Phase => 'draining')), { action: 'done' }],
])('%s', (_, failed, expected) => {
  expect(afterFailure(failed)).toMatchObject(expected);
});
