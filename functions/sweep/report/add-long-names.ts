import type { Tally } from '../contract/tally.ts';
import type { LongNames } from '../store/sweep-store.ts';

/** Adds keys that a page counted without their names: no framework writes such keys. Pure. */
export const addLongNames = (before: Tally, { persistent, sampled }: LongNames): Tally => ({
  ...before,
  unknown: before.unknown + persistent,
  unknownSampled: before.unknownSampled + sampled,
});
