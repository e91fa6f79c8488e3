/** What notices one mutant: the unit tests of its files, the nearest first, then the simulation if none of them does. */
import type { Importers } from './importers.ts';
import { NEVER_ENDS } from './matrix.ts';
import { type Mutant, make } from './mutant.ts';
import type { TimedOutcome } from './notice/outcome.ts';
import { runSeeds } from './notice/run-seeds.ts';
import { runUnits } from './notice/run-units.ts';

export interface Effort {
  /** Longest time of unit tests for each mutant; at least one file runs. Tests that are further away rarely notice what these do not. */
  readonly unitSeconds: number;
  /** Whether 300 seeds of the simulation run where no unit test notices. */
  readonly seeds: boolean;
  /** Times the usual time limits. */
  readonly patience: number;
}

/** A recording can run for hours at the lowest priority. Most mutants are noticed at once: the others wait for their turn. */
export const RECORDING: readonly Effort[] = [
  { unitSeconds: 4, seeds: false, patience: 6 },
  { unitSeconds: 30, seeds: true, patience: 6 },
];
/** A survivor uses up all of its time, and forty mutants are to take at most ten minutes. */
export const SAMPLE: Effort = { unitSeconds: 10, seeds: true, patience: 1 };

/** What the simulation runs: the functions of deploys and what they are built on, and the definitions of their state machines. */
const SIMULATED = /^(?:functions\/(?:deploy|instance|lifecycle|records|shared)|infra\/constructs\/(?:deploy|web-tier|steps))\b/;

/** What runs all of a folder's code, and takes longer than a mutant's unit tests may: of a recording it runs all the same. */
const WHOLE: readonly { readonly folder: string; readonly test: string }[] = [
  { folder: 'console/browser/', test: 'test/console/in-browser.full.test.ts' },
];

export interface Bench {
  readonly checkout: string;
  readonly importers: Importers;
  readonly secondsOf: (test: string) => number;
  /** Whether a test file passes on the unchanged copy; asked for files that noticed something. */
  readonly passesUnchanged: (test: string) => Promise<boolean>;
  /** Whether the seeds hold on the unchanged copy; asked where they noticed something. */
  readonly seedsHold: () => Promise<boolean>;
}

/**
 * Ends with the first that notices.
 * @returns what a row has in `noticed`; undefined where the machine is too slow to tell
 */
export async function measure(
  mutant: Mutant,
  bench: Bench,
  { unitSeconds, seeds, patience }: Effort,
): Promise<readonly string[] | undefined> {
  const { importers, secondsOf } = bench;
  const files = mutant.edits.map(({ file }) => file);
  const concerned = importers.testsOf(...files).map(({ test }) => test);
  const tests = affordable(concerned, secondsOf, unitSeconds);
  const left = WHOLE.filter(({ folder, test }) => files.some((file) => file.startsWith(folder)) && !tests.includes(test));
  const stages = [
    () => unitsThatNotice(mutant, tests, bench, patience),
    ...(seeds && left.length > 0
      ? [
          () =>
            unitsThatNotice(
              mutant,
              left.map(({ test }) => test),
              bench,
              patience,
            ),
        ]
      : []),
    ...(seeds && files.some((file) => SIMULATED.test(file)) ? [() => seedsThatNotice(mutant, bench, patience)] : []),
  ];
  for (const stage of stages) {
    const noticed = await stage();
    if (noticed === undefined || noticed.length > 0) return noticed;
  }
  return [];
}

/** Seeds that break without the mutant as well notice nothing. */
async function seedsThatNotice(mutant: Mutant, { checkout, seedsHold }: Bench, patience: number): Promise<readonly string[] | undefined> {
  const noticed = await whatNotices(mutant, checkout, () => runSeeds(checkout, patience));
  return noticed === undefined || noticed.length === 0 || (await seedsHold()) ? noticed : [];
}

/** Tests that fail without the mutant as well notice nothing: the others run again without them. */
async function unitsThatNotice(
  mutant: Mutant,
  tests: readonly string[],
  bench: Bench,
  patience: number,
): Promise<readonly string[] | undefined> {
  const { checkout, secondsOf, passesUnchanged } = bench;
  for (let left = tests; left.length > 0; ) {
    const seconds = left.reduce((total, test) => total + secondsOf(test), 0);
    const failed = await whatNotices(mutant, checkout, () => runUnits({ checkout, tests: left, seconds, patience }));
    // What is no test file was compared with a run of the unchanged copy already.
    if (failed === undefined || !failed.every((name) => left.includes(name)) || failed.length === 0) return failed;
    const noticing: string[] = [];
    for (const test of failed) if (await passesUnchanged(test)) noticing.push(test);
    if (noticing.length > 0) return noticing;
    left = left.filter((test) => !failed.includes(test));
  }
  return [];
}

/**
 * A run that is late, or out of time, has a mutant that waits for what does not come, or a slow machine. It is the mutant if the same
 * passes without it directly afterwards, and quickly, and fails or is late with it once more.
 */
async function whatNotices(mutant: Mutant, checkout: string, run: () => Promise<TimedOutcome>): Promise<readonly string[] | undefined> {
  const planted = async () => {
    const restore = make(mutant, checkout);
    try {
      return await run();
    } finally {
      restore();
    }
  };
  const first = await planted();
  if (!first.isDoubtful) return first.failed;
  const unchanged = await run();
  if (unchanged.isDoubtful || unchanged.isSlow || unchanged.failed.length > 0) return undefined;
  const second = await planted();
  return second.isDoubtful && second.failed.length === 0 ? [NEVER_ENDS] : second.failed;
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
