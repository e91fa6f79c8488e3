/** Where a command's words go: with --json one line on standard output and nothing else, people's text otherwise. */

export interface Output {
  readonly json: boolean;
  /** A line for people; with --json it goes nowhere. */
  say(line: string): void;
  /** Progress: standard error, so that standard output stays the result. */
  progress(line: string): void;
  /** The result: `text` for people, `value` as the one JSON line. */
  result(value: unknown, text: () => string): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    say: (line) => {
      if (!json) process.stdout.write(`${line}\n`);
    },
    progress: (line) => {
      process.stderr.write(`${line}\n`);
    },
    result: (value, text) => {
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text()}\n`);
    },
  };
}

/** Columns as wide as their widest cell, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
