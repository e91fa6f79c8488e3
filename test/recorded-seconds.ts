/** What each test file took, in a whole run on a quiet machine. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const RECORDED_SECONDS = path.join(import.meta.dirname, 'recorded-seconds.json');

/** Assumed for a file without a recorded time. */
const UNKNOWN_SECONDS = 3;

/** A file of `npm test` of which the full run has more: its seconds there have a line of their own. */
export const inFullRun = (test: string): string => (test.endsWith('.full.test.ts') ? test : `whole ${test}`);

let recorded: Readonly<Record<string, number>> | undefined;

/**
 * @param test from the repository's root
 * @param unknown for a file that is not recorded
 */
export function secondsOf(test: string, unknown = UNKNOWN_SECONDS): number {
  recorded ??= JSON.parse(readFileSync(RECORDED_SECONDS, 'utf8')) as Record<string, number>;
  return recorded[test] ?? unknown;
}
