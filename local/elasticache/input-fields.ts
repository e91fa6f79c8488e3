import { z } from 'zod';
import { AwsError } from '../gateway/service.ts';

/**
 * Fields of a request. The Query protocol gives every scalar as a string and CloudFormation gives some as they are in the
 * template, so both are taken.
 */

export const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
export const requiredText = text.refine((value) => value.trim() !== '', 'must be provided and must not be blank.');
export const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })]);
export const count = z.coerce.number().int().min(0);
export const moment = z.union([z.date(), z.coerce.date()]);

/** A list, whether its items came bare or under an element that names them. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess(unwrapList, z.array(item));
}

export const texts = listOf(text);
export const tags = listOf(z.object({ Key: text, Value: text.default('') }));

export type TagInput = z.infer<typeof tags>;

function unwrapList(value: unknown): unknown {
  if (Array.isArray(value) || value === undefined || value === null) return value ?? undefined;
  if (value === '') return [];
  if (typeof value !== 'object') return [value];
  const inner = Object.values(value);
  return inner.length === 1 && Array.isArray(inner[0]) ? inner[0] : [value];
}

/**
 * Reads a request by its schema.
 *
 * @throws AwsError InvalidParameterValue naming the first wrong parameter
 */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const parameter = issue?.path.join('.') || 'request';
  const missing = issue?.code === 'invalid_type' || issue?.code === 'invalid_union' ? isMissing(input, issue.path) : false;
  throw new AwsError(
    'InvalidParameterValue',
    missing
      ? `The parameter ${parameter} must be provided and must not be blank.`
      : `The parameter ${parameter} is not valid: ${issue?.message}`,
  );
}

function isMissing(input: unknown, path: readonly PropertyKey[]): boolean {
  let value: unknown = input;
  for (const key of path) value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  return value === undefined;
}

/**
 * One page of a Describe call.
 *
 * @throws AwsError InvalidParameterValue when the marker is none of ours
 */
export function pageOf<T>(items: readonly T[], input: Record<string, unknown>): { readonly page: readonly T[]; readonly Marker?: string } {
  const { Marker, MaxRecords } = parseInput(pageFields, input);
  const start = Marker ?? 0;
  const end = start + MaxRecords;
  return end < items.length ? { page: items.slice(start, end), Marker: String(end) } : { page: items.slice(start) };
}

const pageFields = z.object({ Marker: count.optional(), MaxRecords: z.coerce.number().int().min(1).max(100).default(100) });
