import { describe, expect, it } from 'vitest';
import { type EffectOnServers, exitCodeOf, graceMs, holdsLock, serversAfter } from '../../../cli/deploy/follow-deploy.ts';
import type { TargetProgress } from '../../../functions/records/types.ts';

const touched: TargetProgress = { phase: 'failed', order: 0, fromVersion: '1', phaseStartedAtMs: 1, startedAtMs: 1 };

describe('serversAfter', () => {
  it.each<[EffectOnServers, string, Parameters<typeof serversAfter>[0]]>([
    ['untouched', 'a deploy that was refused', undefined],
    ['untouched', 'one that failed before it began with a server', { status: 'FAILED', rolledBack: false, targets: {} }],
    ['deployed', 'one that succeeded', { status: 'SUCCEEDED', targets: { 'i-1': touched } }],
    ['rolledBack', 'one that was rolled back', { status: 'ABORTED', rolledBack: true, targets: { 'i-1': touched } }],
    ['left', 'one that was not', { status: 'FAILED', rolledBack: false, targets: { 'i-1': touched } }],
    ['unknown', 'one without a report', { status: 'RUNNING', targets: { 'i-1': touched } }],
  ])('is %s after %s', (expected, _, record) => {
    expect(serversAfter(record)).toBe(expected);
  });
});

describe('exitCodeOf', () => {
  it.each<[number, string, string | undefined, EffectOnServers]>([
    [0, 'SUCCEEDED', undefined, 'deployed'],
    [1, 'FAILED', 'BakeFailed', 'rolledBack'],
    [1, 'ABORTED', 'Aborted', 'rolledBack'],
    [1, 'FAILED', 'TooFewHealthyTargets', 'untouched'],
    [1, 'TIMED_OUT', undefined, 'untouched'],
    [2, 'FAILED', 'InvalidVersion', 'untouched'],
    [2, 'FAILED', 'InvalidInput', 'untouched'],
    [2, 'FAILED', 'ReleaseNotFound', 'untouched'],
    [1, 'FAILED', 'ReleaseNotFound', 'rolledBack'],
    [6, 'FAILED', 'BakeFailed', 'left'],
    [6, 'TIMED_OUT', undefined, 'unknown'],
    [6, 'FAILED', 'ReleaseNotFound', 'left'],
    [7, 'FAILED', 'DeployInProgress', 'untouched'],
  ])('is %i for %s, %s, servers %s', (expected, status, error, servers) => {
    expect(exitCodeOf({ status, ...(error && { error }), servers })).toBe(expected);
  });
});

describe('a clean-up that may still come', () => {
  it.each([
    ['holds the lock', { deployId: 'd1', expiresAtMs: 11 }, true],
    ['has let its lease run out', { deployId: 'd1', expiresAtMs: 10 }, false],
    ['has lost it to another deploy', { deployId: 'd2', expiresAtMs: 11 }, false],
    ['has freed it', {}, false],
  ])('%s', (_, lock, expected) => {
    expect(holdsLock('d1', { fencingToken: 1, ...lock }, 10)).toBe(expected);
  });

  it('is given an interval of the schedule and a minute', () => {
    expect([graceMs(), graceMs(1)]).toEqual([360_000, 120_000]);
  });
});
