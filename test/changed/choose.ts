import type { Importers } from '../mutants/importers.ts';

/** Seconds of test files that two workers go through in less than two minutes, next to the static checks. */
const AFFORDABLE_SECONDS = 140;

export interface Chosen {
  /** The nearest to what was changed first. */
  readonly tests: readonly string[];
  /** Concern the change from further away. */
  readonly left: readonly string[];
}

/** The test files that a change concerns: those that were changed, and then the nearest to each changed file in turn, as many as fit. */
export function chooseTests(changed: readonly string[], importers: Importers, secondsOf: (test: string) => number): Chosen {
  const nearest = changed.flatMap((file) => importers.testsOf(file));
  const distances = new Map<string, number>();
  for (const { test, distance } of nearest) distances.set(test, Math.min(distance, distances.get(test) ?? distance));
  const all = [...distances].sort(([a, first], [b, second]) => first - second || (a < b ? -1 : 1)).map(([test]) => test);
  let seconds = 0;
  const tests = all.filter((test) => {
    if (distances.get(test) !== 0 && seconds + secondsOf(test) > AFFORDABLE_SECONDS) return false;
    seconds += secondsOf(test);
    return true;
  });
  return { tests, left: all.filter((test) => !tests.includes(test)) };
}
