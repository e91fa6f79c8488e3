import { readFileSync } from 'node:fs';

/** The last line of a log, for an error. */
export function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').at(-1) || '(no output)';
  } catch {
    return '(no log)';
  }
}
