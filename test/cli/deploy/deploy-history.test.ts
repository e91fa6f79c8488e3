import { describe, expect, it } from 'vitest';
import { deployLines, drainedLine, sessionsLine, timelineOf } from '../../../cli/deploy/deploy-history.ts';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';

const target = (more: Partial<TargetProgress>): TargetProgress => ({
  phase: 'baking',
  order: 0,
  fromVersion: '1',
  phaseStartedAtMs: 3_000,
  ...more,
});

const DEPLOY: DeployRecord = {
  ...{ deployId: 'd1', executionArn: 'arn', fleet: 'web', from: '1', to: '2', requestedBy: 'ann' },
  ...{ startedAtMs: 0, status: 'RUNNING', stage: 'rolling', targets: {} },
};

describe('deployLines', () => {
  const targets = {
    'i-1': target({ phase: 'done', order: 0, startedAtMs: 1, finishedAtMs: 4_000 }),
    'i-2': target({ phase: 'waiting', order: 1, phases: [{ phase: 'waiting', startedAtMs: 0 }] }),
  };
  const lines = (more: Partial<DeployRecord>) => deployLines({ ...DEPLOY, targets, ...more }, 9_000).join('\n');

  it('of a deploy that has ended say which servers it did not touch, and that it was not rolled back', () => {
    const text = lines({ status: 'FAILED', finishedAtMs: 8_000 });
    expect(text).toContain('outcome  FAILED, not rolled back\n');
    expect(text).toMatch(/\n\ni-2 {2}1\n {2}not touched$/);
    expect(text).not.toContain('waiting');
  });

  it.each<[string, Partial<DeployRecord>]>([
    ['--expect turned-away: users who are logged out or refused do not stop this deploy.', { expect: 'turned-away' }],
    ['--expect pages: missing parts of pages do not stop this deploy.', { expect: 'pages' }],
    [
      'deploy.onPeople is "report": users turned away and broken pages do not stop this deploy.',
      { expect: 'pages', settings: { reconcileMinutes: 5, onPeople: 'report' } },
    ],
  ])('say what does not stop it: %s', (words, more) => {
    expect(lines(more)).toContain(`\nexpect   ${words}\n`);
    expect(lines({ settings: { reconcileMinutes: 5, onPeople: 'stop' } })).not.toContain('expect ');
  });

  it('of one that runs say which servers wait', () => {
    expect(lines({})).toMatch(/\ni-2 {2}1 → 2\n.* waiting +9\.0 s$/);
  });
});

describe('timelineOf', () => {
  const phases = [
    { phase: 'draining', startedAtMs: 1_000 },
    { phase: 'draining', startedAtMs: 1_500 },
    { phase: 'baking', startedAtMs: 3_000 },
  ] as const;

  it('gives each phase until the next, and the last until now; a phase that was written twice is one', () => {
    expect(timelineOf(target({ phases }), 10_000)).toEqual([
      { phase: 'draining', startedAtMs: 1_000, durationMs: 2_000 },
      { phase: 'baking', startedAtMs: 3_000, durationMs: 7_000 },
    ]);
  });

  it('goes on through a failure into the way back', () => {
    const back = [...phases, { phase: 'failed', startedAtMs: 4_000 }, { phase: 'draining', startedAtMs: 9_000 }] as const;
    const entries = timelineOf(target({ phase: 'rolledBack', phases: [...back, { phase: 'rolledBack', startedAtMs: 9_500 }] }), 20_000);
    expect(entries.map(({ phase, durationMs }) => [phase, durationMs])).toEqual([
      ['draining', 2_000],
      ['baking', 1_000],
      ['failed', 5_000],
      ['draining', 500],
      ['rolledBack', undefined],
    ]);
  });

  it.each<[string, Partial<TargetProgress>, object[]]>([
    ['one that is at something', {}, [{ phase: 'baking', startedAtMs: 3_000, durationMs: 2_000 }]],
    ['one that has ended', { phase: 'done', finishedAtMs: 4_000 }, [{ phase: 'done', startedAtMs: 4_000 }]],
  ])('has the last phase of a record from before phases were kept: %s', (_, more, expected) => {
    expect(timelineOf(target(more), 5_000)).toEqual(expected);
  });
});

describe('how a target was drained', () => {
  it.each<[Partial<TargetProgress>, string | undefined]>([
    [{}, undefined],
    [{ drainSignal: 'counts', drainReason: '' }, "drained by the application's counts"],
    [{ drainSignal: 'kernel', drainReason: 'no probes', longLived: 1 }, 'drained by the kernel (no probes), 1 long-lived connection'],
    [
      {
        drainSignal: 'kernel',
        requestsCut: 2,
        phases: [{ phase: 'draining', startedAtMs: 4 }],
        endDrain: { requestedBy: 'ann', atMs: 5 },
      },
      'drained by the kernel, 2 requests cut, ended by ann',
    ],
    [{ drainSignal: 'counts', endDrain: { requestedBy: 'ann', atMs: 5 } }, "drained by the application's counts"],
    [{ drainSignal: 'blind', drainReason: 'ss is missing', sessions: 4 }, 'drained blind (ss is missing), 4 sessions in memory'],
  ])('is one line: %j', (more, line) => {
    expect(drainedLine(target(more))).toBe(line);
  });

  it('is shown with its deploy, and so are the warnings', () => {
    const deploy = {
      ...DEPLOY,
      warnings: ['A server is drained blind.'],
      targets: { 'i-1': target({ drainSignal: 'kernel' }) },
    };
    const lines = deployLines(deploy, 10_000);
    expect(lines).toContain('warning  A server is drained blind.');
    expect(lines).toContain('  drained by the kernel');
  });
});

describe('what became of a server’s sessions', () => {
  const phases = [{ phase: 'sessionDrain', startedAtMs: 1 }] as const;
  it.each<[Partial<TargetProgress>, string | undefined]>([
    [{}, undefined],
    [{ sessionsCutOff: 3 }, 'waited for its sessions, 3 cut off'],
    [{ sessionsCutOff: 3, endDrain: { requestedBy: 'ann', atMs: 5 } }, 'waited for its sessions, 3 cut off, ended by ann'],
    [{ phase: 'sessionDrain', phases }, undefined],
    [{ phases, sessionsCutOff: 0 }, 'waited for its sessions, none was cut off'],
    [{ phases, sessionsCutOff: 2, endDrain: { requestedBy: 'ann', atMs: 5 } }, 'waited for its sessions, 2 cut off, ended by ann'],
    [{ phases }, 'waited for its sessions, unknown how many were left'],
  ])('is one line: %j', (more, line) => {
    expect(sessionsLine(target(more))).toBe(line);
  });
});

describe('a deploy that waits for sessions', () => {
  const UNTIL = { sessionDrainEndsAtMs: Date.parse('2026-11-20T10:32:00Z') };
  const linesOf = (more: Partial<TargetProgress>, deploy: Partial<DeployRecord> = {}) =>
    deployLines({ ...DEPLOY, ...deploy, targets: { 'i-1': target(more) } }, 10_000);

  it.each<[Partial<TargetProgress>, string]>([
    [{ phase: 'sessionDrain' }, '  waiting for its sessions'],
    [{ phase: 'sessionDrain', sessionsLeft: 3, ...UNTIL }, '  waiting for its sessions, 3 left, until 10:32:00 UTC at the latest'],
    [{ phase: 'sessionDrain', sessionsLeft: 3, endDrain: { requestedBy: 'ann', atMs: 3_500 } }, '  waiting for its sessions, ended by ann'],
    [{ phase: 'pinning', sessionsLeft: 3 }, '  keeping its sessions on it, 3 left'],
    [{ phase: 'pinning', sessionsLeft: 3, rollingBackTo: '1', ...UNTIL }, '  keeping its sessions on it, 3 left'],
  ])('shows how many are left, and until when it waits: %j', (more, line) => {
    expect(linesOf(more)).toContain(line);
  });

  it('shows the end of an earlier wait as well', () => {
    expect(linesOf({ phase: 'pinning', sessionsLeft: 3, sessionsCutOff: 2 }).slice(-2)).toEqual([
      '  keeping its sessions on it, 3 left',
      '  waited for its sessions, 2 cut off',
    ]);
  });

  it('shows no wait once it has ended', () => {
    const lines = linesOf({ phase: 'sessionDrain', sessionsLeft: 3, ...UNTIL }, { status: 'ABORTED', finishedAtMs: 9_000 });
    expect(lines.filter((line) => line.includes('for its sessions'))).toEqual([]);
  });
});
