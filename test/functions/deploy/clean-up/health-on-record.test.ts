import { expect, it } from 'vitest';
import { comesIntoService, hasLeft } from '../../../../functions/deploy/clean-up/choose-rollback.ts';
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

it.each([
  ['draining', {}, true],
  ['unused', {}, true],
  ['healthy', {}, false],
  ['initial', {}, false],
  ['unused', { phase: 'registering' as const }, false],
  ['unused', { phase: 'rolledBack' as const }, false],
  ['unused', { takenOut: true }, false],
  ['unused', { takenOut: null }, false],
  ['unused', { notRunning: true as const }, false],
  ['unused', { finishedAtMs: 40_001 }, false],
  ['unused', { finishedAtMs: 70_000 }, false],
  ['unused', { finishedAtMs: undefined }, false],
])('a target that was put back at 40 s, and shows %s at 100 s with %o on record, has left: %s', (state, more, expected) => {
  expect(hasLeft({ phase: 'failed', takenOut: false, finishedAtMs: 40_000, ...more }, state, 60_000, 100_000)).toBe(expected);
});
