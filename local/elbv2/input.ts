/** Reading of requests. The Query protocol sends every scalar as text; CloudFormation sends either text or the JSON type. */
import { z } from 'zod';
import { AwsError } from '../gateway/service.ts';

/**
 * @throws AwsError ValidationError, naming the first wrong field
 */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AwsError(
    'ValidationError',
    issue === undefined ? 'The input is not valid' : `${issue.path.join('.') || 'input'}: ${issue.message}`,
  );
}

export const text = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);

/** A whole number between two bounds, given as a number or as digits. */
export function integer(least: number, most: number) {
  const inBounds = z.number().int().min(least, `must be between ${least} and ${most}`).max(most, `must be between ${least} and ${most}`);
  return z
    .union([
      z.number(),
      z
        .string()
        .regex(/^-?\d+$/, 'must be a number')
        .transform(Number),
    ])
    .pipe(inBounds);
}

/** A list; the Query protocol writes an empty one as an empty string. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess((value) => (value === '' ? [] : value), z.array(item));
}

export const texts = listOf(text);
export const port = integer(1, 65_535);
export const tagList = listOf(z.object({ Key: text, Value: text.optional() }));
export const attributeList = listOf(z.object({ Key: text, Value: text.optional() }));

/** 1 to 32 letters, digits and hyphens, not at either end. */
export const resourceName = text.pipe(
  z
    .string()
    .max(32, 'cannot be longer than 32 characters')
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/, 'can only contain letters, digits and hyphens, and no hyphen at either end'),
);

export const toTags = (tags: readonly { Key: string; Value?: string | undefined }[] = []): Map<string, string> =>
  new Map(tags.map(({ Key, Value }) => [Key, Value ?? '']));
