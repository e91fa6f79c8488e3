/** Identifiers in AWS's shapes, from a seed. */
import type { Random } from './random.ts';

const hex = (random: Random, digits: number): string => Array.from({ length: digits }, () => random.whole(0, 15).toString(16)).join('');

/** A UUID of version 4. */
export const uuid = (random: Random): string =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;

/** `i-0` and 16 hex digits. */
export const instanceId = (random: Random): string => `i-0${hex(random, 16)}`;

/** As a random UUID, with the number of the execution in it. */
export function executionName(random: Random, number: number): string {
  const digits = (count: number) =>
    random
      .whole(0, 16 ** count - 1)
      .toString(16)
      .padStart(count, '0');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${number.toString(16).padStart(12, '0')}`;
}
