/** How progress is shown: as new lines, or on a terminal as one block that is redrawn in place. */

import type { WriteStream } from 'node:tty';
import { waitingLines } from '../../functions/deploy/pause/pause-text.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { rowsOf } from '../wrap-line.ts';
import { atWorkLines, progressLines } from './deploy-progress.ts';
import { fittingLines } from './fitting-lines.ts';

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
