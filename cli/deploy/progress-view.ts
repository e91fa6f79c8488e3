/** How progress is shown: as new lines, or on a terminal as one block that is redrawn in place. */
import type { WriteStream } from 'node:tty';
import { waitingLines } from '../../functions/deploy/pause/pause-text.ts';
import { targetsAtWork } from '../../functions/deploy/rolls/in-flight.ts';
import type { DeployRecord, TargetProgress } from '../../functions/records/types.ts';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { printable } from '../../functions/shared/foreign-text.ts';
import { counted } from '../../functions/shared/texts.ts';
import { rowsOf, wrapLine } from '../wrap-line.ts';
import {
  atWorkLines,
  inOrder,
  pauseLines,
  progressLines,
  snapshotLines,
  summaryWords,
  targetLine,
  warningLines,
} from './deploy-progress.ts';

export interface ProgressView {
  show(record: DeployRecord, nowMs: number): void;
}

/** Within the time after which any silent command prints that it is still at work. */
const SILENT_MS = 13_000;

/** For logs and pipes: one line per change, and what goes on after each silence. */
export function linesView(print: (line: string) => void): ProgressView {
  const seen = new Map<string, string>();
  let printedAtMs = 0;
  return {
    show: (record, nowMs) => {
      const changed = progressLines(record, seen, nowMs);
      const lines = changed.length === 0 && nowMs - printedAtMs >= SILENT_MS ? atWorkLines(record, nowMs) : changed;
      if (lines.length > 0) printedAtMs = nowMs;
      lines.forEach(print);
    },
  };
}

/** For a terminal. A terminal that became narrower has broken the rows that it showed: they are counted as it shows them now. */
export function terminalView(
  terminal: Pick<WriteStream, 'columns' | 'rows' | 'write'>,
  write: (text: string) => void = (text) => void terminal.write(text),
): ProgressView {
  let drawn: readonly string[] = [];
  return {
    show: (record, nowMs) => {
      const { columns, rows } = terminal;
      const lines = fittingLines(record, nowMs, { rows: Math.max(1, rows - 1), columns });
      const height = sumOf(drawn, (line) => rowsOf(line, columns));
      const up = height > 0 ? `\u001b[${height}A` : '';
      write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[J`);
      drawn = lines;
    },
  };
}

/** Prints, for --json, only that the deploy waits for a decision, what for, and the commands that decide; once per wait. */
export function pausesView(print: (line: string) => void): ProgressView {
  let shownMs: number | undefined;
  return {
    show: (record) => {
      const [waits, ...commands] = waitingLines(record);
      if (waits === undefined || record.pause?.startedAtMs === shownMs) return;
      shownMs = record.pause?.startedAtMs;
      [`deploy ${record.deployId} ${waits}`, ...commands].forEach(print);
    },
  };
}

/** A deploy's state in no more rows than a terminal has. Pure. */

interface Line {
  readonly of: 'deploy' | 'warning' | 'server';
  readonly text: string;
}

export interface Space {
  /** The maximum number of rows, at least 1. */
  readonly rows: number;
  readonly columns: number;
}

/**
 * The whole state where it fits. Otherwise the numbers, what the deploy waits for, the servers at work, the warnings and the other servers,
 * in this order; the last line counts those that are not shown. A line that is wider than the terminal takes several rows.
 */
export function fittingLines(record: DeployRecord, nowMs: number, { rows, columns }: Space): string[] {
  const wrap = (text: string) => wrapLine(printable(text).replaceAll('\n', ' '), columns);
  const whole = snapshotLines(record, nowMs).flatMap(wrap);
  if (whole.length <= rows) return whole;
  const server = ([instanceId, target]: Entry): Line => ({ of: 'server', text: targetLine(instanceId, target, record, nowMs) });
  const { atWork, others } = byUrgency(record);
  const lines: Line[] = [
    ...[`  ${record.stage}, ${summaryWords(record)}`, ...pauseLines(record)].map((text) => ({ of: 'deploy', text }) as const),
    ...atWork.map(server),
    ...warningLines(record).map((text) => ({ of: 'warning', text }) as const),
    ...others.map(server),
  ];
  const withRest = (shown: number) => {
    const count = (of: Line['of']) => lines.slice(shown).filter((line) => line.of === of).length;
    const [servers, warnings] = [count('server'), count('warning')];
    const more = warnings === 0 ? '' : ` and ${counted(warnings, 'warning')}`;
    const rest = `  not shown: ${servers} of ${atWork.length + others.length} servers${more}`;
    return [...lines.slice(0, shown).map(({ text }) => text), rest].flatMap(wrap);
  };
  let shown = Math.min(lines.length, Math.max(1, rows - 1));
  while (shown > 1 && withRest(shown).length > rows) shown -= 1;
  return withRest(shown).slice(0, rows);
}

type Entry = [instanceId: string, target: TargetProgress];

/** Phases of servers that nobody needs to look at. */
const CALM: ReadonlySet<TargetProgress['phase']> = new Set(['waiting', 'done', 'skipped']);

/** The servers that rolls work on, and the others: first those that have failed or were left half way. */
function byUrgency(record: DeployRecord): { readonly atWork: readonly Entry[]; readonly others: readonly Entry[] } {
  const ids = new Set(targetsAtWork(record.targets).map(({ instanceId }) => instanceId));
  const targets = inOrder(record);
  const others = targets.filter(([instanceId]) => !ids.has(instanceId));
  return {
    atWork: targets.filter(([instanceId]) => ids.has(instanceId)),
    others: [...others.filter(([, { phase }]) => !CALM.has(phase)), ...others.filter(([, { phase }]) => CALM.has(phase))],
  };
}
