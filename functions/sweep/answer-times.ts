/** Times by classes that grow by a tenth: small enough for a checkpoint, and two of them add up. Pure. */

const FIRST_MS = 0.02;
const GROWTH = 1.1;

/** How many times fell into each class. */
export type TimeClasses = readonly number[];

export function addTime(classes: number[], ms: number): void {
  const at = Math.max(0, Math.ceil(Math.log(ms / FIRST_MS) / Math.log(GROWTH)));
  while (classes.length <= at) classes.push(0);
  classes[at] = (classes[at] as number) + 1;
}

/** @param percent of the times, from 0 to 100, that are not above the answer. @returns 0 when there are none */
export function percentile(classes: TimeClasses, percent: number): number {
  const total = classes.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [at, count] of classes.entries()) {
    seen += count;
    if (total > 0 && seen >= (total * percent) / 100) return FIRST_MS * GROWTH ** at;
  }
  return 0;
}

export function addClasses(one: TimeClasses, other: TimeClasses): TimeClasses {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, at) => (one[at] ?? 0) + (other[at] ?? 0));
}
