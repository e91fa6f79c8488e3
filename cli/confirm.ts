import { createInterface } from 'node:readline/promises';
import { printable } from '../functions/shared/foreign-text.ts';
import { badInput } from './failure.ts';
import { showWait } from './output.ts';

/** Where a question is asked and answered. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Standard error, so that standard output has only the result. */
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

const HERE: Terminal = { input: process.stdin, output: process.stderr };

/** Whether somebody can answer. */
export const canAsk = ({ input, output }: Terminal = HERE): boolean => input.isTTY === true && output.isTTY === true;

/**
 * Asks on a terminal whether to go on. Nobody answers a script, so without a terminal it returns at once.
 * @throws CommandFailure NotConfirmed for any answer but yes
 */
export async function confirm(question: string, terminal: Terminal = HERE): Promise<void> {
  if (!canAsk(terminal)) return;
  const { input, output } = terminal;
  const lines = createInterface({ input, output });
  try {
    const left = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await showWait(undefined, () => Promise.race([lines.question(`${printable(question)} [y/N] `).catch(() => ''), left]));
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw badInput('NotConfirmed', 'Nothing was started. Use --yes to go on without a question.');
}

export interface Question {
  /** By which the answer is found. */
  readonly key: string;
  readonly text: string;
  /** Why an answer cannot be, the rest of a sentence: it is printed, and the question asked once more. Undefined for one that can. */
  readonly problemOf: (answer: string) => string | undefined;
}

/** Asks one after the other. @returns the answers by their keys, without those that were left empty */
export async function askAll(questions: readonly Question[], terminal: Terminal = HERE): Promise<Readonly<Record<string, string>>> {
  const { input, output } = terminal;
  const lines = createInterface({ input, output });
  const left = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answers: Record<string, string> = {};
  try {
    for (const { key, text, problemOf } of questions) {
      let answer: string;
      let problem: string | undefined;
      do {
        answer = (await showWait(undefined, () => Promise.race([lines.question(`${printable(text)} `).catch(() => ''), left]))).trim();
        problem = answer === '' ? undefined : problemOf(answer);
        if (problem !== undefined) output.write(`${printable(`${JSON.stringify(answer)} ${problem}.`)}\n`);
      } while (problem !== undefined);
      if (answer !== '') answers[key] = answer;
    }
  } finally {
    lines.close();
  }
  return answers;
}
