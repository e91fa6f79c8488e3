/** Reads input that is stringly (Query), typed (JSON, CBOR) or from a template. */
import { z } from 'zod';
import { AwsError } from '../gateway/service.ts';

const fromText = (value: unknown): unknown => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value);

export const text = z.string().min(1);
export const real = z.preprocess(fromText, z.number());
export const whole = (min: number, max = Number.MAX_SAFE_INTEGER) => z.preprocess(fromText, z.int().min(min).max(max));
export const flag = z.union([
  z.boolean(),
  z.enum(['true', 'True']).transform(() => true),
  z.enum(['false', 'False']).transform(() => false),
]);
/** An empty list is an empty string in the Query protocol. */
export const list = <T extends z.ZodType>(item: T) => z.union([z.array(item), z.literal('').transform((): z.output<T>[] => [])]);

/** A Date, seconds since the epoch as a number, or an ISO 8601 string; out come milliseconds since the epoch. */
export const instant = z.preprocess((value) => {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number') return value * 1000;
  if (typeof value !== 'string') return value;
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
}, z.number());

export const UNITS = [
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes', 'Bits', 'Kilobits'],
  ...['Megabits', 'Gigabits', 'Terabits', 'Percent', 'Count', 'Bytes/Second', 'Kilobytes/Second', 'Megabytes/Second', 'Gigabytes/Second'],
  ...[
    'Terabytes/Second',
    'Bits/Second',
    'Kilobits/Second',
    'Megabits/Second',
    'Gigabits/Second',
    'Terabits/Second',
    'Count/Second',
    'None',
  ],
] as const;

export const unit = z.enum(UNITS);

/** Name and value pairs; names are unique in a set. */
export const dimensions = list(z.object({ Name: text, Value: text })).transform((pairs) =>
  Object.fromEntries(pairs.map((pair) => [pair.Name, pair.Value])),
);

/** @throws AwsError MissingParameter, InvalidParameterValue */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = issue?.path.map(String).join('.') ?? '';
  const value = issue?.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input);
  if (value === undefined) throw new AwsError('MissingParameter', `The parameter ${name} is required.`);
  throw new AwsError(
    'InvalidParameterValue',
    `The value ${JSON.stringify(value)} for parameter ${name} is not supported: ${issue?.message}`,
  );
}

/** One page; the token is the offset of the next one. @throws AwsError InvalidNextToken */
export function page<T>(items: readonly T[], token: string | undefined, size: number): { items: T[]; nextToken: { NextToken?: string } } {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw new AwsError('InvalidNextToken', 'The next token specified is invalid.');
  const to = from + size;
  return { items: items.slice(from, to), nextToken: to < items.length ? { NextToken: String(to) } : {} };
}
