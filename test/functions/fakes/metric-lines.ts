import { afterEach, beforeEach } from 'vitest';

/** What each test of a file writes to standard output, one entry per write: metrics in embedded metric format are lines of it. */
export function metricLines(): readonly string[] {
  const lines: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  beforeEach(() => {
    lines.length = 0;
    process.stdout.write = ((chunk: string) => {
      lines.push(String(chunk));
      return true;
    }) as typeof process.stdout.write;
  });
  afterEach(() => {
    process.stdout.write = write;
  });
  return lines;
}
