import type { Importers } from './importers.ts';

/** Seconds of test files that two workers go through within a minute, next to the static checks. */
const AFFORDABLE_SECONDS = 40;
/** Of a file whose tests take no time: it is loaded, with what it imports. */
const LOADING_SECONDS = 0.4;

export interface Chosen {
  /** The nearest to what was changed first. */
  readonly tests: readonly string[];
  /** Concern the change from further away. */
  readonly left: readonly string[];
}

/** The test files that a change concerns: those that were changed, and then the nearest to each changed file in turn, as many as fit. */
export function chooseTests(
  changed: readonly string[],
  importers: Pick<Importers, 'testsOf'>,
  secondsOf: (test: string) => number,
): Chosen {
  const all = importers.testsOf(...changed).map(({ test }) => test);
  let seconds = 0;
  const tests = all.filter((test) => {
    const needed = LOADING_SECONDS + secondsOf(test);
    if (!changed.includes(test) && seconds + needed > AFFORDABLE_SECONDS) return false;
    seconds += needed;
    return true;
  });
  return { tests, left: all.filter((test) => !tests.includes(test)) };
}

/** Changed files that no unit test imports or names: pages have tests of their own, and a test concerns itself. */
export const untested = (changed: readonly string[], importers: Pick<Importers, 'testsOf'>): readonly string[] =>
  changed.filter((file) => !file.endsWith('.md') && importers.testsOf(file).length === 0);
