import { describe, expect, it } from 'vitest';
import { describeFinish } from '../../../../functions/deploy/control/describe-outcome.ts';
import type { DeployRecord } from '../../../../functions/records/types.ts';

const RECORD: DeployRecord = {
  deployId: 'd1',
  executionArn: 'arn:aws:states:eu-west-1:1:execution:holdfast-web-deploy:d1',
  fleet: 'web',
  from: '1.0.0',
  to: '1.1.0',
  requestedBy: 'ann',
  startedAtMs: Date.UTC(2026, 0, 5, 12),
  status: 'FAILED',
  stage: 'finished',
  settings: undefined,
  targets: { 'i-1': { phase: 'rolledBack', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1, commandId: 'c' } },
};
const finishedAtMs = RECORD.startedAtMs + 61_400;

describe('describeFinish', () => {
  it('says who, what, when, how and why', () => {
    const error = { Error: 'BakeFailed', Cause: 'i-1 answered 12 errors' };
    const outcome = 'Rolled back: i-1 has 1.0.0 again.';
    expect(describeFinish(RECORD, { status: 'FAILED', finishedAtMs, error, rolledBack: true, outcome })).toEqual({
      deployId: 'd1',
      stateMachineArn: 'arn:aws:states:eu-west-1:1:stateMachine:holdfast-web-deploy',
      executionArn: RECORD.executionArn,
      fleet: 'web',
      from: '1.0.0',
      to: '1.1.0',
      requestedBy: 'ann',
      status: 'FAILED',
      startedAt: '2026-01-05T12:00:00.000Z',
      finishedAt: '2026-01-05T12:01:01.400Z',
      durationSeconds: 61.4,
      targets: { 'i-1': 'rolledBack' },
      error,
      rolledBack: true,
      outcome,
      text: 'Deploy of 1.1.0 to fleet web (previous release: 1.0.0): FAILED, rolled back after 61 s. BakeFailed: i-1 answered 12 errors. Rolled back: i-1 has 1.0.0 again. Requested by ann, deploy d1',
    });
  });

  it('counts the requests that drains cut', () => {
    const target = { phase: 'done', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 } as const;
    const targets = { 'i-1': { ...target, requestsCut: 2 }, 'i-2': { ...target, requestsCut: 1 }, 'i-3': target };
    const detail = describeFinish({ ...RECORD, targets }, { status: 'SUCCEEDED', finishedAtMs });
    expect([detail.requestsCut, detail.text]).toEqual([3, expect.stringContaining('SUCCEEDED after 61 s. Drains cut 3 requests.')]);
  });

  it('names what was restarted', () => {
    const detail = describeFinish({ ...RECORD, from: '1.1.0', restart: 'i-1' }, { status: 'SUCCEEDED', finishedAtMs });
    expect(detail).toMatchObject({ restart: 'i-1' });
    expect(detail.text).toBe('Restart of i-1 with release 1.1.0 in fleet web: SUCCEEDED after 61 s. Requested by ann, deploy d1');
  });

  it('says of a restart of all servers that it was one', () => {
    const detail = describeFinish({ ...RECORD, from: '1.1.0', restartAll: true }, { status: 'SUCCEEDED', finishedAtMs });
    expect(detail).toMatchObject({ restartAll: true });
    expect(detail.text).toMatch(/^Restart of all servers with release 1\.1\.0 in fleet web: SUCCEEDED after 61 s\./);
  });

  it.each([
    [1, ' 1 session was still there when the wait for them ended.'],
    [5, ' 5 sessions were still there when the wait for them ended.'],
    [0, ''],
  ])('says how many sessions were cut off: %i', (count, sentence) => {
    const detail = describeFinish(RECORD, { status: 'SUCCEEDED', finishedAtMs, sessionsCutOff: count });
    expect(detail.text).toBe(
      `Deploy of 1.1.0 to fleet web (previous release: 1.0.0): SUCCEEDED after 61 s.${sentence} Requested by ann, deploy d1`,
    );
    expect(detail.sessionsCutOff).toBe(count);
  });

  it('of a success has nothing of failures, nor of sessions that no deploy waited for', () => {
    const detail = describeFinish(RECORD, { status: 'SUCCEEDED', finishedAtMs });
    expect(detail.text).toBe('Deploy of 1.1.0 to fleet web (previous release: 1.0.0): SUCCEEDED after 61 s. Requested by ann, deploy d1');
    expect(Object.keys(detail)).not.toEqual(expect.arrayContaining(['error']));
    expect(detail).not.toHaveProperty('outcome');
    expect(detail).not.toHaveProperty('sessionsCutOff');
  });

  it('puts no character into its text that would break the quoted template of a rule', () => {
    const error = { Error: 'TargetNeverUp', Cause: 'said {"status":"DOWN"}\nC:\\tmp\u0007' };
    const { text, error: whole } = describeFinish(RECORD, { status: 'FAILED', finishedAtMs, error });
    expect(text).toContain("said {'status':'DOWN'} C:/tmp .");
    expect(() => JSON.parse(`"${text}"`)).not.toThrow();
    expect(whole).toEqual(error);
  });

  it('stays below what an event may hold', () => {
    const error = { Error: 'TargetNeverUp', Cause: 'x'.repeat(500_000) };
    const detail = describeFinish(RECORD, { status: 'FAILED', finishedAtMs, error, outcome: 'y'.repeat(500_000) });
    expect(JSON.stringify(detail).length).toBeLessThan(30_000);
  });
});
