/** Requests of the API, checked before use. */
import { z } from 'zod';
import { AwsError } from '../gateway/service.ts';

/** @throws AwsError ValidationException naming the first member that does not fit */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${issue?.path.join('.')}' failed to satisfy constraint: ${issue?.message}`,
  );
}

export const tags = z
  .array(z.object({ Key: z.string(), Value: z.string() }))
  .default([])
  .transform((list): Record<string, string> => Object.fromEntries(list.map(({ Key, Value }) => [Key, Value])));

export const tagList = (record: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(record).map(([Key, Value]) => ({ Key, Value }));

/** JSON protocols carry times as seconds since the epoch. */
export const timestamp = (milliseconds: number): number => milliseconds / 1000;

/** One page of a list; the token is the next item's position. @throws AwsError InvalidNextToken */
export function page<T>(
  items: readonly T[],
  size: number,
  token: string | undefined,
): { readonly items: readonly T[]; readonly NextToken?: string } {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  const next = from + size;
  return { items: items.slice(from, next), ...(next < items.length ? { NextToken: String(next) } : {}) };
}
