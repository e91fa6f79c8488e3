/** Of values, or of what `of` makes of each. */
export function sumOf(values: Iterable<number>): number;
export function sumOf<T>(values: Iterable<T>, of: (value: T) => number): number;
export function sumOf<T>(values: Iterable<T>, of: (value: T) => number = Number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum;
}

/** The middle one, or the mean of the two in the middle; undefined for no values. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

/** The value at a part, from 0 to 1, of values in ascending order; 0 for none. */
export const valueAt = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;

/** Undefined for no values. */
export const leastOf = (values: readonly number[]): number | undefined => (values.length > 0 ? Math.min(...values) : undefined);
export const mostOf = (values: readonly number[]): number | undefined => (values.length > 0 ? Math.max(...values) : undefined);

/** In whole percent. */
export const percentOf = (part: number, whole: number): number => Math.round((part * 100) / Math.max(1, whole));

/** @param digits behind the point */
export const roundTo = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** Sums of the same numbers. */
export const addNumbers = <T extends { readonly [K in keyof T]: number }>(one: T, other: T): T =>
  Object.fromEntries(Object.keys(one).map((name) => [name, one[name as keyof T] + other[name as keyof T]])) as T;
