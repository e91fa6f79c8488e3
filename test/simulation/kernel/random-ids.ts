/** Identifiers in AWS's shapes, from a seed. */
import type { Random } from './random.ts';

const hex = (random: Random, digits: number): string => Array.from({ length: digits }, () => random.whole(0, 15).toString(16)).join('');

/** Of version 4. */
export const uuid = (random: Random): string =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;

/** `i-0` and 16 hex digits. */
export const instanceId = (random: Random): string => `i-0${hex(random, 16)}`;
