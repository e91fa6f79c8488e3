/** Our own situations that are wrong today: a list that only shrinks. Pure but for the reading of the file. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Summary } from './judge.ts';

export interface WrongToday {
  readonly certainWrong: readonly string[];
  readonly affectedDenied: readonly string[];
}

const FILE = path.join(import.meta.dirname, 'wrong-today.json');

export const readWrongToday = (): WrongToday => JSON.parse(readFileSync(FILE, 'utf8')) as WrongToday;

/** A sentence for each that is wrong and not on the list, and for each on the list that is wrong no more. @param ran those that were run */
export function differencesFromToday(
  summary: Pick<Summary, 'certainWrong' | 'affectedDenied'>,
  today: WrongToday,
  ran: readonly { readonly name: string }[],
): readonly string[] {
  const names = new Set(ran.map(({ name }) => name));
  return (['certainWrong', 'affectedDenied'] as const).flatMap((kind) => {
    const what = kind === 'certainWrong' ? 'certain and wrong' : 'denied although users are hurt';
    return [
      ...summary[kind].filter((name) => !today[kind].includes(name)).map((name) => `${name} is ${what}, and was not before`),
      ...today[kind]
        .filter((name) => names.has(name) && !summary[kind].includes(name))
        .map((name) => `${name} is ${what} no more: take it out of ${kind} in lab/situations/wrong-today.json`),
    ];
  });
}
