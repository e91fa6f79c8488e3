import { describe, expect, it } from 'vitest';
import { fittingLines, terminalView } from '../../../cli/deploy/progress-view.ts';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import { deployRecord } from './deploy-record.ts';

const SERVERS = 40;

/** A deploy to 40 servers: the first 25 are done, and the next ten are drained at once. */
const targets = (more: Readonly<Record<string, Partial<TargetProgress>>> = {}): DeployRecord['targets'] =>
  Object.fromEntries(
    Array.from({ length: SERVERS }, (_, order) => {
      const [id, phase] = [`i-${order + 1}`, order < 25 ? 'done' : order < 35 ? 'draining' : 'waiting'] as const;
      const rolled = phase === 'waiting' ? {} : { executionName: `e-${order}`, startedAtMs: 1_000 };
      return [id, { phase, order, fromVersion: '1.0.0', phaseStartedAtMs: 1_000, ...rolled, ...more[id] }];
    }),
  );
const record = (more: object = {}): DeployRecord => deployRecord({ status: 'RUNNING', stage: 'rolling', targets: targets(), ...more });
const serversIn = (lines: readonly string[]) => lines.flatMap((line) => /^ {2}(i-\d+) /.exec(line)?.[1] ?? []);
const AT_WORK = Array.from({ length: 10 }, (_, index) => `i-${index + 26}`);

describe('a deploy of 40 servers, ten at once, on a terminal with 24 rows', () => {
  it('shows the numbers and the servers at work first, and how many servers are not shown', () => {
    const written: string[] = [];
    const terminal = { columns: 80, rows: 24, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
    terminalView(terminal).show(record(), 3_000);
    const lines = (written.at(-1) ?? '').replaceAll('\u001b[2K', '').split('\n').slice(0, -1);
    expect(lines).toHaveLength(23);
    expect(lines[0]).toBe('  rolling, 10 servers at once, 25 of 40 done');
    expect(lines[1]).toBe('  i-26  draining 2 s');
    expect(serversIn(lines).slice(0, 10)).toEqual(AT_WORK);
    expect(lines.at(-1)).toBe(`  not shown: ${SERVERS - serversIn(lines).length} of 40 servers`);
    expect(serversIn(lines)).toHaveLength(21);
  });

  it('shows a server that failed before those that are done or wait', () => {
    const failed = { 'i-3': { phase: 'failed', detail: 'it answered 503' }, 'i-4': { phase: 'rolledBack' } } as const;
    const shown = serversIn(fittingLines(record({ targets: targets(failed) }), 3_000, { rows: 23, columns: 80 }));
    expect(shown.slice(0, 14)).toEqual([...AT_WORK, 'i-3', 'i-4', 'i-1', 'i-2']);
  });

  it('shows what it waits for before the servers', () => {
    const paused = { executionArn: 'arn:aws:states:us-east-1:0:execution:holdfast-web-deploy:d1', pauseAfter: 35 };
    const done = Object.fromEntries(AT_WORK.map((id) => [id, { phase: 'done' }] as const));
    const pause = { after: 35, startedAtMs: 2_000, endsAtMs: Date.parse('2026-11-20T10:32:00Z') };
    const lines = fittingLines(record({ ...paused, pause, targets: targets(done) }), 3_000, { rows: 23, columns: 2_000 });
    expect(lines[0]).toBe('  rolling, 35 of 40 done');
    expect(lines[1]).toMatch(/^ {2}waits to be continued: 35 of 40 servers/);
    expect(lines[2]).toMatch(/^ {2}continue it with: /);
  });
});

it('warnings that have no room are counted', () => {
  const warnings = ['First.', 'Second.', 'Third.'];
  const lines = fittingLines(record({ warnings }), 3_000, { rows: 13, columns: 80 });
  expect(lines.slice(-2)).toEqual(['  warning: First.', '  not shown: 30 of 40 servers and 2 warnings']);
});

it('what fits is shown whole, in the order of the plan', () => {
  const lines = fittingLines(record({ warnings: ['First.'] }), 3_000, { rows: 42, columns: 80 });
  expect(lines.slice(0, 3)).toEqual(['  rolling', '  warning: First.', '  i-1  done']);
  expect(lines).toHaveLength(42);
  expect(fittingLines(record(), 3_000, { rows: 1, columns: 80 })).toEqual(['  rolling, 10 servers at once, 25 of 40 done']);
});
