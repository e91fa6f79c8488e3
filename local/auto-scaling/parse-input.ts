/** Reads Query input, where every scalar is a string, and CloudFormation properties, which may be typed. */
import { z } from 'zod';
import { AwsError } from '../gateway/service.ts';

export const text = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string().min(1));
/** A whole number from `min` to `max`. */
export const whole = (min = 0, max = Number.MAX_SAFE_INTEGER) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), z.int().min(min).max(max));
export const flag = z.union([
  z.boolean(),
  z.enum(['true', 'True']).transform(() => true),
  z.enum(['false', 'False']).transform(() => false),
]);
/** An empty list is an empty string in the Query protocol. */
export const list = <T extends z.ZodType>(item: T) => z.union([z.array(item), z.literal('').transform((): z.output<T>[] => [])]);

/** @throws AwsError ValidationError, worded as AWS's request validation words it */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = issue?.path.map(String).join('.') ?? '';
  const value = issue?.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input);
  const shown = value === undefined ? 'null' : `'${String(value)}'`;
  const constraint = value === undefined ? 'Member must not be null' : (issue?.message ?? 'invalid');
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value ${shown} at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: ${constraint}`,
  );
}

export const pageInput = z.object({ NextToken: z.string().optional(), MaxRecords: whole(1, 100).optional() });

/** One page; the token is the offset of the next one. */
export function page<T>(
  items: readonly T[],
  input: z.output<typeof pageInput>,
  defaultSize = 50,
): { items: T[]; nextToken: { NextToken?: string } } {
  const from = input.NextToken === undefined ? 0 : Number(input.NextToken);
  if (!Number.isInteger(from) || from < 0) throw new AwsError('InvalidNextToken', 'The NextToken value is not valid.');
  const to = from + (input.MaxRecords ?? defaultSize);
  return { items: items.slice(from, to), nextToken: to < items.length ? { NextToken: String(to) } : {} };
}
