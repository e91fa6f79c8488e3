/** What notices one mutant: the unit tests of its files, the nearest first, then the simulation if none of them does. */
import type { Importers } from './importers.ts';
import type { Row } from './matrix.ts';
import { type Mutant, make } from './mutant.ts';
import { seedsNotice } from './notice/run-seeds.ts';
import { runUnits, type UnitsRun } from './notice/run-units.ts';

export interface Effort {
  /** Seconds of unit tests at most; at least one file runs. */
  readonly unitSeconds: number;
  /** Nothing more runs once the mutant is noticed. */
  readonly onlyFirst: boolean;
}

/** One mutant after the other takes a whole recording; what a change of it concerns is far away after so many tests. */
export const RECORDING: Effort = { unitSeconds: 30, onlyFirst: false };
export const SAMPLE: Effort = { unitSeconds: 15, onlyFirst: true };

/** Of the nearest tests, which run by themselves first where one that notices is enough. */
const NEAREST_SECONDS = 4;

export interface Bench {
  readonly importers: Importers;
  readonly secondsOf: (test: string) => number;
  /** Whether a test file passes on the unchanged copy; asked for files that noticed something. */
  readonly passesUnchanged: (test: string, checkout: string) => Promise<boolean>;
}

/** What the simulation runs: the functions of deploys and what they are built on, and the definitions of their state machines. */
const SIMULATED = /^(?:functions\/(?:deploy|instance|lifecycle|records|shared)|infra\/constructs\/(?:deploy|web-tier|steps))\b/;

export async function measure(
  mutant: Mutant,
  checkout: string,
  { importers, secondsOf, passesUnchanged }: Bench,
  effort: Effort,
): Promise<Row> {
  const files = [...new Set(mutant.edits.map(({ file }) => file))];
  const tests = affordable(
    importers.testsOf(...files).map(({ test }) => test),
    secondsOf,
    effort.unitSeconds,
  );
  const sum = (some: readonly string[]) => some.reduce((total, test) => total + secondsOf(test), 0);
  const planted = async <T>(work: () => Promise<T>): Promise<T> => {
    const restore = make(mutant, checkout);
    try {
      return await work();
    } finally {
      restore();
    }
  };
  const units = await planted(() =>
    effort.onlyFirst ? runNearestFirst(tests, checkout, secondsOf) : runUnits({ checkout, tests, seconds: sum(tests), onlyFirst: false }),
  );
  const noticed: string[] = [];
  for (const test of tests.filter((name) => units.failed.includes(name))) {
    if (await passesUnchanged(test, checkout)) noticed.push(test);
  }
  const isSimulated = files.some((file) => SIMULATED.test(file));
  const seeds = isSimulated && noticed.length === 0 && !units.late ? await planted(() => seedsNotice(checkout)) : undefined;
  return {
    ...mutant,
    units: noticed,
    unitsRan: units.ran.length,
    ...(units.late && { late: true }),
    ...(seeds === undefined ? {} : { seeds }),
  };
}

/** Vitest has an order of its own: what is nearest has to run by itself to be first. */
async function runNearestFirst(tests: readonly string[], checkout: string, secondsOf: (test: string) => number): Promise<UnitsRun> {
  const near = affordable(tests, secondsOf, NEAREST_SECONDS);
  const rest = tests.filter((test) => !near.includes(test));
  const run = (some: readonly string[]) =>
    runUnits({ checkout, tests: some, seconds: some.reduce((total, test) => total + secondsOf(test), 0), onlyFirst: true });
  const first = await run(near);
  if (first.failed.length > 0 || first.late) return first;
  const second = await run(rest);
  return { ...second, ran: [...first.ran, ...second.ran] };
}

/** As many as fit the seconds, in their order; one that is long does not keep those after it from running. */
function affordable(tests: readonly string[], secondsOf: (test: string) => number, most: number): string[] {
  let left = most;
  return tests.filter((test, index) => {
    const seconds = secondsOf(test);
    if (index > 0 && seconds > left) return false;
    left -= seconds;
    return true;
  });
}
