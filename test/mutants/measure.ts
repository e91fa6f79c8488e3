/** What notices one mutant: the unit tests of its files, the nearest first, then the simulation. */
import type { Concerned, Importers } from './importers.ts';
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
export const RECORDING: Effort = { unitSeconds: 90, onlyFirst: false };
export const SAMPLE: Effort = { unitSeconds: 30, onlyFirst: true };

export interface Bench {
  readonly importers: Importers;
  readonly secondsOf: (test: string) => number;
  /** Whether a test file passes on the unchanged copy; asked for files that noticed something. */
  readonly passesUnchanged: (test: string, checkout: string) => Promise<boolean>;
}

/** What the simulation begins with, in its own process and in its workers. */
const SIMULATION = ['test/simulation/main.ts', 'test/simulation/run/worker.ts'];

export async function measure(
  mutant: Mutant,
  checkout: string,
  { importers, secondsOf, passesUnchanged }: Bench,
  effort: Effort,
): Promise<Row> {
  const files = [...new Set(mutant.edits.map(({ file }) => file))];
  const tests = affordable(nearest(files.map((file) => importers.testsOf(file))), secondsOf, effort.unitSeconds);
  const seconds = tests.reduce((sum, test) => sum + secondsOf(test), 0);
  const restore = make(mutant, checkout);
  let units: UnitsRun;
  let seeds: boolean | undefined;
  try {
    units = await runUnits({ checkout, tests, seconds, onlyFirst: effort.onlyFirst });
    const isSimulated = files.some((file) => SIMULATION.some((main) => importers.dependants(file).has(main)));
    const isNoticed = units.failed.length > 0 || units.late;
    if (isSimulated && !(effort.onlyFirst && isNoticed)) seeds = await seedsNotice(checkout);
  } finally {
    restore();
  }
  const noticed: string[] = [];
  for (const test of tests.filter((name) => units.failed.includes(name))) {
    if (await passesUnchanged(test, checkout)) noticed.push(test);
  }
  const stuck = units.late ? tests.filter((test) => !units.ran.includes(test)).slice(0, 1) : [];
  return { ...mutant, units: [...noticed, ...stuck], unitsRan: units.ran.length, ...(seeds === undefined ? {} : { seeds }) };
}

/** Test files that several changed files concern, the nearest first. */
function nearest(lists: readonly (readonly Concerned[])[]): string[] {
  const distances = new Map<string, number>();
  for (const { test, distance } of lists.flat()) distances.set(test, Math.min(distance, distances.get(test) ?? distance));
  return [...distances].sort(([, a], [, b]) => a - b).map(([test]) => test);
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
