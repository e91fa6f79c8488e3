/** What of a page is on its first screen: the lines that a person reads before anything is done. Pure. */
import { type IncidentPage, type Line, SHOWN_FACTS, type Step } from './incident-page.ts';

/** More of them are not for a hurry. */
const SHOWN_STEPS = 3;

/** Of a terminal. */
export const SCREEN = { lines: 24, columns: 100 } as const;

export interface FirstScreen {
  readonly steps: readonly Step[];
  readonly facts: readonly Line[];
  /** What is left for the rest. */
  readonly laterSteps: readonly Step[];
  readonly laterFacts: readonly Line[];
}

/** The first step is always on it, and the first fact; others as far as they fit. */
export function firstScreenOf({ headline, why, state, next, because }: IncidentPage): FirstScreen {
  // Empty lines and titles between the parts.
  const between = 2 + (next.length > 0 ? 1 : 0) + (because.length > 0 ? 2 : 0);
  const head = linesOf(headline) + linesOf(why) + linesOf(state) + between;
  const firstFact = because[0] === undefined ? 0 : factLines(because[0]);
  const steps = fitting(next.slice(0, SHOWN_STEPS), SCREEN.lines - head - firstFact, stepLines);
  const used = head + sum(steps.map(stepLines));
  const facts = fitting(because.slice(0, SHOWN_FACTS), SCREEN.lines - used, factLines);
  return { steps, facts, laterSteps: next.slice(steps.length), laterFacts: because.slice(facts.length) };
}

function fitting<T>(all: readonly T[], room: number, linesOfOne: (one: T) => number): readonly T[] {
  let used = 0;
  const first = all.findIndex((one, at) => {
    used += linesOfOne(one);
    return at > 0 && used > room;
  });
  return first === -1 ? all : all.slice(0, first);
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const MARK = 3;
const COMMAND_MARK = 5;
const stepLines = ({ text, commands }: Step): number =>
  linesOf(text, MARK) + sum(commands.map((command) => Math.ceil((command.length + COMMAND_MARK) / SCREEN.columns)));
const factLines = ({ text, source }: Line): number => linesOf(source ? `${text} (${source})` : text, MARK);
const linesOf = (text: string, indent = 0): number => wrap(text, ' '.repeat(indent)).length;

/** Lines of a terminal. @param mark begins the first; the others are indented as far. A word that is longer than a line stays whole. */
export function wrap(text: string, mark = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && mark.length + line.length + 1 + word.length > SCREEN.columns) {
      // No line ends in a colon: what follows it belongs to its last word.
      const [, kept = line, last] = /^(.*[^:\s]) ((?:\S+: )*\S+:)$/.exec(line) ?? [];
      lines.push(kept);
      line = last === undefined ? word : `${last} ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, at) => `${at === 0 ? mark : ' '.repeat(mark.length)}${one}`);
}
