import type { Page } from './sweep-store.ts';

/** Offenders of several pages are mended together: each time takes three round trips, however many they are. */
const OFFENDERS_AT_ONCE = 50;
/** Large sessions of several pages are looked at together; what is large then is known for the next ones. */
const LARGER_AT_ONCE = 100;
/** Where few keys are offenders, their samples alone grow: each page copies what waits. */
const SAMPLES_AT_ONCE = 200;

export const isFull = ({ offenders, larger, samples }: Page): boolean =>
  offenders.length >= OFFENDERS_AT_ONCE || larger.length >= LARGER_AT_ONCE || samples.length >= SAMPLES_AT_ONCE;

/** Pages one after the other, as one; by the earlier of their clocks. */
export const joinPages = (one: Page | undefined, other: Page): Page =>
  one === undefined
    ? other
    : {
        cursor: other.cursor,
        keys: one.keys + other.keys,
        serverTimeMs: Math.min(one.serverTimeMs, other.serverTimeMs),
        offenders: [...one.offenders, ...other.offenders],
        samples: [...one.samples, ...other.samples],
        larger: [...one.larger, ...other.larger],
      };
