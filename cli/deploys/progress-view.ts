/** How progress is shown: as new lines, or on a terminal as one block that is redrawn in place. */
import type { WriteStream } from 'node:tty';
import { waitingLines } from '../../functions/deploy/pause/pause-text.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import { printable } from '../../functions/shared/foreign-text.ts';
import { progressLines } from './deploy-progress.ts';
import { fittingLines } from './fitting-lines.ts';

const oneLine = (text: string): string => printable(text).replaceAll('\n', ' ');

export interface ProgressView {
  show(record: DeployRecord, nowMs: number): void;
}

/** For logs and pipes: one line per change. */
export function linesView(print: (line: string) => void): ProgressView {
  const seen = new Map<string, string>();
  return { show: (record, nowMs) => progressLines(record, seen, nowMs).forEach(print) };
}

/** For a terminal. Lines are cut to its width, because a wrapped line would break the redrawing. */
export function terminalView(terminal: Pick<WriteStream, 'columns' | 'rows' | 'write'>): ProgressView {
  let drawn = 0;
  return {
    show: (record, nowMs) => {
      const lines = fittingLines(record, nowMs, Math.max(1, terminal.rows - 1));
      const up = drawn > 0 ? `\u001b[${drawn}A` : '';
      terminal.write(`${up}${lines.map((line) => `\u001b[2K${oneLine(line).slice(0, terminal.columns - 1)}\n`).join('')}\u001b[J`);
      drawn = lines.length;
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
