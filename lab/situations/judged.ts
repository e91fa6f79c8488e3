/** What stored evidence was judged to be, one line per situation: whoever changes a row, a fact or a step sees what that changes. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Result } from './judge.ts';

const FILE = path.join(import.meta.dirname, 'judged.json');

/** `stickiness-off (likely)` */
export const foundOf = ({ found, confidence }: Result): string => `${found}${confidence ? ` (${confidence})` : ''}`;

/** `front-refuses (likely); users: now; see-front` */
const lineOf = (result: Result): string => `${foundOf(result)}; users: ${result.users}; ${result.act ?? 'no step'}`;

const readJudged = (): Record<string, string> => JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>;

/** Those that were judged, next to the others. */
export function writeJudged(results: readonly Result[]): void {
  const lines = { ...readJudged(), ...Object.fromEntries(results.map((one) => [one.name, lineOf(one)])) };
  const inOrder = Object.fromEntries(Object.entries(lines).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(inOrder, undefined, 2)}\n`);
}

/** A sentence for each whose judgement is another one than the recorded. */
export function differencesFromJudged(results: readonly Result[], recorded = readJudged()): readonly string[] {
  return results.flatMap((one) => {
    const [before, now] = [recorded[one.name] ?? 'not judged', lineOf(one)];
    return before === now ? [] : [`${one.name} was ${before}, and is ${now}`];
  });
}
