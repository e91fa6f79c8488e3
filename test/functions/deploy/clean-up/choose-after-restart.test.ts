import { expect, it } from 'vitest';
import { chooseAfterRestart } from '../../../../functions/deploy/clean-up/choose-rollback.ts';
import type { Phase, TargetProgress } from '../../../../functions/records/types.ts';

const choose = (phase: Phase, entered: readonly Phase[], more: Partial<TargetProgress> = {}) =>
  chooseAfterRestart(
    {
      'i-1': {
        phase,
        order: 0,
        fromVersion: '1',
        healthBefore: 'healthy',
        startedAtMs: 1,
        phaseStartedAtMs: 1,
        phases: entered.map((one) => ({ phase: one, startedAtMs: 1 })),
        ...more,
      },
    },
    '1',
    new Set(),
  );
const ROLL = { action: 'roll', instanceId: 'i-1', toVersion: '1' };
const REGISTER = { action: 'register', instanceId: 'i-1' };
const DONE = { action: 'done', heldBack: [] };

it.each<[string, Phase, Phase[], Partial<TargetProgress>, object]>([
  ['is drained', 'draining', ['draining'], {}, REGISTER],
  ['was stopped while its service was', 'installing', ['draining', 'installing'], {}, ROLL],
  ['was stopped before its readiness check passed', 'checkingReadiness', ['draining', 'installing', 'checkingReadiness'], {}, ROLL],
  ['failed while its agent was silent', 'failed', ['draining', 'installing', 'failed'], {}, ROLL],
  ['could not be started anew, and runs again', 'failed', ['draining', 'installing', 'failed'], { servingVersion: '1' }, DONE],
  ['failed its checks', 'failed', ['installing', 'checkingReadiness', 'failed'], { takenOut: true }, DONE],
  ['is registered', 'registering', ['installing', 'checkingReadiness', 'registering'], {}, REGISTER],
  ['is in its bake', 'baking', ['checkingReadiness', 'registering', 'baking'], {}, REGISTER],
  ['is done', 'done', ['registering', 'baking', 'done'], {}, DONE],
  ['is being brought back by a clean-up that died', 'draining', ['installing', 'draining'], { rollingBackTo: '1' }, ROLL],
  ['has it again', 'rolledBack', ['installing', 'baking', 'rolledBack'], { rollingBackTo: '1' }, DONE],
  ['could not be brought back', 'failed', ['installing', 'checkingReadiness', 'failed'], { rollingBackTo: '1' }, DONE],
])('decides on a server that %s', (_, phase, entered, more, expected) => {
  expect(choose(phase, entered, more)).toEqual(expected);
});
