import { describe, expect, it } from 'vitest';
import { outcomeText } from '../../../functions/records/outcome-text.ts';

const LEFT_OUT = { phase: 'skipped', order: 3, fromVersion: 'unknown', phaseStartedAtMs: 1, newcomer: true } as const;

const LEFT = { phase: 'done', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 2, startedAtMs: 1 } as const;

describe('outcomeText', () => {
  it.each([
    [{ status: 'RUNNING', stage: 'settling' }, 'RUNNING, settling'],
    [{ status: 'ABORTED', stage: 'finished', rolledBack: true }, 'ABORTED, rolled back'],
    [{ status: 'FAILED', stage: 'finished', rolledBack: false }, 'FAILED'],
    [{ status: 'FAILED', stage: 'finished', rolledBack: false, targets: { 'i-1': LEFT } }, 'FAILED, not rolled back'],
    [{ status: 'ABORTED', stage: 'finished', targets: { 'i-1': LEFT } }, 'ABORTED, not rolled back'],
    [{ status: 'FAILED', stage: 'finished', targets: { 'i-1': { ...LEFT, phase: 'waiting', startedAtMs: undefined } } }, 'FAILED'],
    [{ status: 'SUCCEEDED', stage: 'finished', targets: { 'i-9': LEFT_OUT } }, 'SUCCEEDED, without 1 server'],
    [{ status: 'SUCCEEDED', stage: 'finished', targets: { 'i-9': { ...LEFT_OUT, newcomer: false } } }, 'SUCCEEDED'],
    [{ status: 'SUCCEEDED', stage: 'finished', warnings: ['A.'] }, 'SUCCEEDED, with 1 warning'],
    [
      { status: 'SUCCEEDED', stage: 'finished', warnings: ['A.', 'B.'], targets: { 'i-9': LEFT_OUT } },
      'SUCCEEDED, without 1 server, with 2 warnings',
    ],
  ] as const)('of %j is %s', (record, text) => {
    expect(outcomeText({ targets: {}, ...record })).toBe(text);
  });
});
