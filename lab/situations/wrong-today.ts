/** Our own situations that are wrong today: a list that only shrinks. Pure but for the reading of the file. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Summary } from './judge.ts';

const KINDS = {
  certainWrong: 'certain and wrong',
  affectedDenied: 'denied although users are hurt',
  hurtWrongly: 'said to hurt users, whom it does not',
  unnamed: 'not named by its cause',
  overWrong: 'said to be over while it is not, or to go on while it is over',
  affectedWrong: 'wrong of whether users are hurt, or does not know it',
  wrongLead: 'led astray by its first step',
  harmful: 'harmed by its first step',
} as const;
type Kind = keyof typeof KINDS;
export type WrongToday = { readonly [K in Kind]: readonly string[] };

const wrongOf = ({ firstStep, ...summary }: Summary): WrongToday => ({ ...summary, ...firstStep });

const FILE = path.join(import.meta.dirname, 'wrong-today.json');

export const readWrongToday = (): WrongToday => JSON.parse(readFileSync(FILE, 'utf8')) as WrongToday;

/** A sentence for each that is wrong and not on the list, and for each on the list that is wrong no more. @param ran those that were run */
export function differencesFromToday(summary: Summary, today: WrongToday, ran: readonly { readonly name: string }[]): readonly string[] {
  const names = new Set(ran.map(({ name }) => name));
  const wrong = wrongOf(summary);
  return Object.entries(KINDS).flatMap(([key, what]) => {
    const kind = key as Kind;
    return [
      ...wrong[kind].filter((name) => !today[kind].includes(name)).map((name) => `${name} is ${what}, and was not before`),
      ...today[kind]
        .filter((name) => names.has(name) && !wrong[kind].includes(name))
        .map((name) => `${name} is ${what} no more: take it out of ${kind} in lab/situations/wrong-today.json`),
    ];
  });
}
