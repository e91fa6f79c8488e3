/** Where a command's words go: with --json one line on standard output and nothing else, people's text otherwise. */
import { linesView, type ProgressView, silentView, terminalView } from './progress-view.ts';

export interface Output {
  readonly json: boolean;
  /** A line for people; with --json it goes nowhere. */
  say(line: string): void;
  /** Progress: standard error, so that standard output stays the result. */
  progress(line: string): void;
  /** The result, once: `text` for people, `value` as the one JSON line. */
  result(value: unknown, text: () => string): void;
  /** Where a deploy that is followed is shown. */
  view(): ProgressView;
}

export function createOutput(json: boolean): Output {
  const say = (line: string) => {
    if (!json) process.stdout.write(`${line}\n`);
  };
  return {
    json,
    say,
    progress: (line) => {
      process.stderr.write(`${line}\n`);
    },
    result: (value, text) => {
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text()}\n`);
    },
    view: () => {
      if (json) return silentView;
      return process.stdout.isTTY ? terminalView(process.stdout) : linesView(say);
    },
  };
}

/** Columns as wide as their widest cell, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
