/** Our own situations that are wrong today: a list that only shrinks. Pure but for the reading of the file. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Summary } from './judge.ts';

const KINDS = {
  certainWrong: 'certain and wrong',
  affectedDenied: 'denied although users are hurt',
  hurtWrongly: 'said to hurt users, whom it does not',
  unnamed: 'not named by its cause',
} as const;
export type WrongToday = Pick<Summary, keyof typeof KINDS>;

const FILE = path.join(import.meta.dirname, 'wrong-today.json');

export const readWrongToday = (): WrongToday => JSON.parse(readFileSync(FILE, 'utf8')) as WrongToday;

/** A sentence for each that is wrong and not on the list, and for each on the list that is wrong no more. @param ran those that were run */
export function differencesFromToday(summary: WrongToday, today: WrongToday, ran: readonly { readonly name: string }[]): readonly string[] {
  const names = new Set(ran.map(({ name }) => name));
  return Object.entries(KINDS).flatMap(([key, what]) => {
    const kind = key as keyof WrongToday;
    return [
      ...summary[kind].filter((name) => !today[kind].includes(name)).map((name) => `${name} is ${what}, and was not before`),
      ...today[kind]
        .filter((name) => names.has(name) && !summary[kind].includes(name))
        .map((name) => `${name} is ${what} no more: take it out of ${kind} in lab/situations/wrong-today.json`),
    ];
  });
}
