import { describe, expect, it } from 'vitest';
import { progressLines, targetLine } from '../../../cli/deploy/deploy-progress.ts';
import { linesView, terminalView } from '../../../cli/deploy/progress-view.ts';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';

const target = (more: Partial<TargetProgress>): TargetProgress => ({
  phase: 'waiting',
  order: 0,
  fromVersion: '1',
  phaseStartedAtMs: 1_000,
  ...more,
});
const record = (targets: DeployRecord['targets'], stage = 'rolling'): DeployRecord => ({
  deployId: 'd1',
  executionArn: 'arn',
  fleet: 'web',
  from: '1',
  to: '2',
  requestedBy: 'ann',
  startedAtMs: 0,
  status: 'RUNNING',
  stage,
  targets,
});

describe('many servers at once', () => {
  it('print a line as one comes to its next phase, and how many are done', () => {
    const ten = (phase: TargetProgress['phase'], inFlight: number) =>
      Object.fromEntries(
        Array.from({ length: 10 }, (_, order) => {
          const of = order === 0 ? 'done' : phase;
          return [`i-${order}`, target({ order, phase: of, executionName: `e-${order}`, inFlight, startedAtMs: 1_000 })];
        }),
      );
    const seen = new Map<string, string>();
    const first = progressLines(record(ten('draining', 5)), seen, 3_000);
    expect(first.slice(0, 4)).toEqual([
      '  rolling',
      '  9 servers at once, 1 of 10 done',
      '  i-0  done',
      '  i-1  draining 2 s, in flight 5',
    ]);
    expect(progressLines(record(ten('draining', 4)), seen, 4_000), 'only the counts have changed').toEqual([]);
    expect(progressLines(record(ten('installing', 0)), seen, 5_000)).toHaveLength(9);
  });
});

describe('targetLine', () => {
  it.each<[Partial<TargetProgress>, string]>([
    [{}, 'waiting'],
    [{ phase: 'sessionDrain' }, 'waiting for its sessions 12 s'],
    [
      { phase: 'sessionDrain', sessionsLeft: 3, sessionDrainEndsAtMs: Date.parse('2026-11-20T10:32:00Z') },
      'waiting for its sessions 12 s, 3 left, until 10:32:00 UTC at the latest',
    ],
    [
      { phase: 'sessionDrain', sessionsLeft: 3, endDrain: { requestedBy: 'ann', atMs: 2_000 } },
      'waiting for its sessions 12 s, ended by ann',
    ],
    [{ phase: 'sessionDrain', sessionsLeft: 3, endDrain: { requestedBy: 'ann', atMs: 500 } }, 'waiting for its sessions 12 s, 3 left'],
    [{ phase: 'draining' }, 'draining 12 s'],
    [{ phase: 'draining', inFlight: 0 }, 'draining 12 s, in flight 0'],
    [{ phase: 'draining', inFlight: 2, drainSignal: 'counts' }, "draining 12 s, in flight 2 (by the application's counts)"],
    [
      { phase: 'draining', inFlight: 2, drainSignal: 'kernel', longLived: 3, sessions: 7 },
      'draining 12 s, in flight 2 (by the kernel), 3 long-lived, 7 sessions in memory',
    ],
    [{ phase: 'draining', drainSignal: 'blind' }, 'draining 12 s, blind: nothing shows its requests'],
    [{ phase: 'draining', phaseStartedAtMs: 99_000 }, 'draining'],
    [{ phase: 'installing' }, 'installing'],
    [{ phase: 'checkingReadiness' }, 'readiness check, not UP yet'],
    [{ phase: 'checkingReadiness', upInARow: 2 }, 'readiness check, UP 2 times in a row'],
    [{ phase: 'registering' }, 'registering, waiting for the load balancer'],
    [{ phase: 'baking' }, 'baking 12 s'],
    [{ phase: 'rolledBack', rollingBackTo: '1' }, 'rolled back to 1'],
    [{ phase: 'rolledBack', rollingBackTo: 'none' }, 'rolled back to the placeholder'],
    [{ phase: 'installing', rollingBackTo: 'none' }, 'rolling back to the placeholder: installing'],
    [{ phase: 'done' }, 'done'],
    [{ phase: 'done', startedAtMs: 1_000, finishedAtMs: 9_250 }, 'done in 8.3 s'],
    [{ phase: 'failed' }, 'failed'],
    [{ phase: 'failed', detail: 'it answered 503' }, 'failed: it answered 503'],
    [{ phase: 'skipped' }, 'skipped: has 1 already'],
  ])('shows %j', (more, words) => {
    expect(targetLine('i-1', target(more), { status: 'RUNNING' }, 13_000)).toBe(`  i-1  ${words}`);
  });

  it.each<[Partial<TargetProgress>, string]>([
    [{ phase: 'waiting' }, 'not touched'],
    // It waited for its way back.
    [{ phase: 'waiting', startedAtMs: 1_000, rollingBackTo: '1' }, 'rolling back to 1: stopped while waiting'],
    [{ phase: 'draining', startedAtMs: 1_000, inFlight: 2, detail: 'no answer' }, 'stopped while draining: no answer'],
    [{ phase: 'checkingReadiness', startedAtMs: 1_000 }, 'stopped while in the readiness check'],
    [{ phase: 'failed', startedAtMs: 1_000 }, 'failed'],
    [{ phase: 'done', startedAtMs: 1_000, finishedAtMs: 9_250 }, 'done in 8.3 s'],
  ])('shows %j of a deploy that has ended', (more, words) => {
    for (const status of ['FAILED', 'ABORTED', 'TIMED_OUT'])
      expect(targetLine('i-1', target(more), { status }, 13_000)).toBe(`  i-1  ${words}`);
  });
});

describe('progressLines', () => {
  it('has the stage and the targets that have started, in the order of the plan', () => {
    const targets = {
      'i-b': target({ phase: 'done', order: 0 }),
      'i-a': target({ phase: 'baking', order: 1 }),
      'i-c': target({ order: 2 }),
    };
    expect(progressLines(record(targets), new Map(), 1_000)).toEqual(['  rolling', '  i-b  done', '  i-a  baking']);
  });

  it('has each warning once', () => {
    const seen = new Map<string, string>();
    const warned = { ...record({}), warnings: ['The drain of 3 servers will be blind.'] };
    expect(progressLines(warned, seen, 1_000)).toEqual(['  rolling', '  warning: The drain of 3 servers will be blind.']);
    expect(progressLines(warned, seen, 2_000)).toEqual([]);
  });

  it('has a line when something changed, not when time passed', () => {
    const seen = new Map<string, string>();
    const draining = (inFlight: number) => record({ 'i-1': target({ phase: 'draining', inFlight }) });
    progressLines(draining(3), seen, 1_000);
    expect(progressLines(draining(3), seen, 9_000)).toEqual([]);
    expect(progressLines(draining(1), seen, 9_000)).toEqual(['  i-1  draining 8 s, in flight 1']);
    expect(progressLines(record({ 'i-1': target({ phase: 'draining', inFlight: 1 }) }, 'settling'), seen, 9_500)).toEqual(['  settling']);
  });
});

describe('views', () => {
  it('in a log says after a silence what goes on', () => {
    const printed: string[] = [];
    const view = linesView((line) => printed.push(line));
    const draining = record({ 'i-1': target({ phase: 'draining', inFlight: 1, executionName: 'e' }) });
    for (const nowMs of [1_000, 9_000, 16_000, 18_000, 31_000]) view.show(draining, nowMs);
    expect(printed.slice(2)).toEqual(['  i-1  draining 15 s, in flight 1', '  i-1  draining 30 s, in flight 1']);
    printed.length = 0;
    const settling = record({ 'i-1': target({ phase: 'done' }) }, 'settling');
    for (const nowMs of [40_000, 60_000]) view.show(settling, nowMs);
    expect(printed.slice(2)).toEqual(['  settling, 60 s since the deploy began']);
  });

  it('on a terminal draws one block in place, no line wider and no block higher than it', () => {
    const written: string[] = [];
    const terminal = { columns: 19, rows: 3, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
    const view = terminalView(terminal);
    view.show(record({ 'i-1': target({}) }), 1_000);
    expect(written.at(-1)).toBe('\u001b[2K  rolling\n\u001b[2K  i-1  waiting\n\u001b[J');
    view.show(record({ 'i-1': target({ phase: 'registering' }), 'i-2': target({ order: 1 }) }), 1_000);
    expect(written.at(-1)).toBe('\u001b[2A\u001b[2K  rolling, none of\n\u001b[2K    2 done\n\u001b[J');
  });
});
