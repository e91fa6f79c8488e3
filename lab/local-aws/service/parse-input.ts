/**
 * Reads the input of the emulated services' operations. The Query protocol sends every scalar as text, JSON and CBOR send
 * types, and a CloudFormation template can have either. Each service brings its own error codes.
 */
import { z } from 'zod';
import { AwsError } from './service.ts';

const MALFORMED_BOOLEAN = 'boolean must follow xsd1.1 definition';
const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Text, which can be empty. */
export const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
export const requiredText = text.refine((value) => value.trim() !== '', 'must not be blank');

/**
 * True or false. In text it is `true`, `false`, `1` or `0` in exactly this spelling; AWS refuses `True` as malformed.
 *
 * @see https://github.com/boto/boto/issues/309 for Auto Scaling's answer to `True`
 * @see https://github.com/floci-io/floci/pull/3075 for the spellings and messages, probed on AWS
 */
export const flag = z.preprocess((value) => BOOLEANS.get(value) ?? value, z.boolean(MALFORMED_BOOLEAN));

/** A whole number between two bounds. */
export function whole(min = 0, max = Number.MAX_SAFE_INTEGER) {
  const message = max === Number.MAX_SAFE_INTEGER ? `must be at least ${min}` : `must be between ${min} and ${max}`;
  return z.preprocess(numberFrom, z.int('must be a whole number').min(min, message).max(max, message));
}

export const real = z.preprocess(numberFrom, z.number('must be a number'));

/** A Date, seconds since the epoch as a number, or an ISO 8601 string; the result is milliseconds since the epoch. */
export const instant = z.preprocess((value) => {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number') return value * 1000;
  if (typeof value !== 'string') return value;
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
}, z.number('must be a timestamp'));

/** A list; the Query protocol writes an empty one as empty text. */
export function list<T extends z.ZodType>(item: T) {
  return z.preprocess((value) => (value === '' ? [] : value), z.array(item));
}

export const texts = list(text);
export const tagList = list(z.object({ Key: requiredText, Value: text.default('') }));
export type TagInput = z.output<typeof tagList>;

/** Tags by key, where a template or a JSON protocol has them as a list. */
export const tagsByKey = z
  .array(z.object({ Key: z.string(), Value: z.string() }))
  .default([])
  .transform((tags): Record<string, string> => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));

/** A service's errors for input that its schema refuses. */
export interface InputErrors {
  missing(parameter: string): AwsError;
  /** @param constraint what the value does not fulfil, as in "must be at least 1" */
  invalid(parameter: string, value: unknown, constraint: string): AwsError;
}

/** Reads input by a schema. @throws AwsError naming the first wrong parameter */
export type ParseInput = <T extends z.ZodType>(schema: T, input: unknown) => z.output<T>;

export function inputParser(errors: InputErrors): ParseInput {
  return (schema, input) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined | null)?.[key], input);
    const parameter = path.join('.') || 'input';
    if (value === undefined) throw errors.missing(parameter);
    if (issue?.message === MALFORMED_BOOLEAN) {
      throw new AwsError('MalformedInput', value === '' ? 'missing value for boolean type' : MALFORMED_BOOLEAN);
    }
    throw errors.invalid(parameter, value, issue?.message ?? 'is not valid');
  };
}

/** Reads what no operation sends, such as a template's properties. @throws AwsError with this code, naming the first wrong member */
export function parseOr<T extends z.ZodType>(code: string, schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AwsError(code, `${issue?.path.join('.')}: ${issue?.message}`);
}

/** One page of `items`. The token is the position of the next page's first item. */
export function pageOf<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
  refusal: () => AwsError,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw refusal();
  const to = from + size;
  return { items: items.slice(from, to), next: to < items.length ? String(to) : undefined };
}

/** One page of a service whose tokens are called NextToken. @throws AwsError InvalidNextToken */
export function page<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
): { readonly items: readonly T[]; readonly nextToken: { readonly NextToken?: string } } {
  const refusal = () => new AwsError('InvalidNextToken', 'The specified NextToken is not valid.');
  const { items: shown, next } = pageOf(items, token, size, refusal);
  return { items: shown, nextToken: next === undefined ? {} : { NextToken: next } };
}

/** A number that was sent as text; other text is left as it is, for the schema to refuse. */
function numberFrom(value: unknown): unknown {
  return typeof value === 'string' && /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(value) ? Number(value) : value;
}
