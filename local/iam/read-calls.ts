/** Reads what the gateway wrote down. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CALLS_FILE, type RecordedCall } from './calls.ts';

/** Every different call of a run. */
export function readCalls(runFolder: string): readonly RecordedCall[] {
  const lines = readFileSync(path.join(runFolder, CALLS_FILE), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RecordedCall);
}
