import { expect, it } from 'vitest';
import { comesIntoService } from '../../../../functions/deploy/clean-up/health-on-record.ts';
import type { Phase } from '../../../../functions/records/types.ts';

const phases = (...names: Phase[]) => ({ phases: names.map((phase) => ({ phase, startedAtMs: 1 })) });

it.each([
  ['initial', {}, true],
  ['unhealthy', {}, true],
  ['healthy', { takenOut: false }, false],
  ['draining', { takenOut: false }, true],
  ['unused', { takenOut: false }, true],
  ['draining', {}, false],
  ['unused', {}, false],
  ['draining', { takenOut: true }, false],
  ['unhealthy', { takenOut: true }, false],
  ['unused', { takenOut: false, notRunning: true as const }, false],
  ['draining', phases('registering', 'failed'), true],
  ['draining', phases('registering', 'baking', 'done'), true],
  ['draining', { ...phases('registering', 'failed'), takenOut: true }, false],
  ['draining', phases('draining', 'failed'), false],
  ['unused', phases('registering', 'failed'), false],
  ['draining', phases('registering', 'draining', 'installing'), false],
])('a target that shows %s, with %o on record, comes into service: %s', (state, target, expected) => {
  expect(comesIntoService(target, state)).toBe(expected);
});
