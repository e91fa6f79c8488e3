import { expect, it } from 'vitest';
import { failedLately, targetsAtWork } from '../../../../functions/deploy/rolls/in-flight.ts';
import type { TargetProgress } from '../../../../functions/records/types.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 100 * MINUTE_MS;
const target = (phase: TargetProgress['phase'], more: Partial<TargetProgress> = {}): TargetProgress => ({
  ...{ order: 0, phase, phaseStartedAtMs: NOW_MS, fromVersion: '1.0.0', executionName: 'roll-1' },
  ...more,
});
const ids = (found: readonly { readonly instanceId: string }[]) => found.map(({ instanceId }) => instanceId);

it('a roll is in flight until its target has ended, was skipped, or its execution is known to have died', () => {
  const targets = {
    'i-rolls': target('draining'),
    'i-waits': target('waiting', { executionName: undefined }),
    'i-skipped': target('skipped'),
    'i-died': target('draining', { died: 'roll-1' }),
    'i-again': target('draining', { died: 'roll-0' }),
    'i-done': target('done', { finishedAtMs: NOW_MS }),
  };
  expect(ids(targetsAtWork(targets))).toEqual(['i-rolls', 'i-again']);
});

it('a roll that failed in the last half hour can have more to do, unless its execution is known to have died', () => {
  const failed = (minutesAgo: number, more: Partial<TargetProgress> = {}) =>
    target('failed', { finishedAtMs: NOW_MS - minutesAgo * MINUTE_MS, ...more });
  const targets = {
    'i-late': failed(29),
    'i-long-ago': failed(30),
    'i-died': failed(1, { died: 'roll-1' }),
    'i-again': failed(1, { died: 'roll-0' }),
    'i-never-begun': failed(1, { executionName: undefined }),
    'i-done': target('done', { finishedAtMs: NOW_MS }),
  };
  expect(ids(failedLately(targets, NOW_MS))).toEqual(['i-late', 'i-again']);
});
