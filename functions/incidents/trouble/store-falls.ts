/** Times at which many sessions went from the store at once, by the collector's readings of each minute. Pure. */
import type { MinuteSample } from '../../collect/contract.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';

/** So long before the first sign sessions can have gone with which the trouble began. */
export const SUDDEN_MS = 15 * 60_000;

/** From one reading to the next, which is a minute later, users who are sent away log in again: so many can be there once more. */
const LEFT_AT_NEXT = 0.4;
const NEXT_READING_SECONDS = 150;
const FEWEST_AT_ONCE = 20;

/** The deepest fall of the sessions between two readings since a quarter of an hour before the first sign; their keys have to go with them. */
export function fallOf({ sources, firstSignMs }: Evidence): { readonly before: MinuteSample; readonly after: MinuteSample } | undefined {
  const minutes = factsOf({ sources }, 'readings')?.minutes ?? [];
  const falls = minutes.slice(1).flatMap((after, index) => {
    const before = minutes[index] as MinuteSample;
    const gone = before[1] - after[1];
    const isNear = after[0] * 1_000 >= firstSignMs - SUDDEN_MS && after[0] - before[0] <= NEXT_READING_SECONDS;
    const isDeep = before[1] >= FEWEST_AT_ONCE && after[1] <= before[1] * LEFT_AT_NEXT && before[2] - after[2] >= gone / 2;
    return isNear && isDeep ? [{ before, after }] : [];
  });
  return falls.toSorted((one, other) => other.before[1] - other.after[1] - (one.before[1] - one.after[1]))[0];
}
