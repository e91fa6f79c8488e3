/** Input of Elastic Load Balancing's operations. */
import { z } from 'zod';
import { inputParser, pageOf, text, whole } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';

/** @throws AwsError ValidationError, MalformedInput */
export const parseInput = inputParser({
  missing: (parameter) => new AwsError('ValidationError', `${parameter}: is required`),
  invalid: (parameter, _value, constraint) => new AwsError('ValidationError', `${parameter}: ${constraint}`),
});

export const port = whole(1, 65_535);

/** 1 to 32 letters, digits and hyphens, not at either end. */
export const resourceName = text.pipe(
  z
    .string()
    .max(32, 'cannot be longer than 32 characters')
    .regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
      'can only contain letters, digits and hyphens, and cannot begin or end with a hyphen',
    ),
);

const pageFields = z.object({ Marker: text.optional(), PageSize: whole(1, 400).default(400) });

/** One page of a Describe call. @throws AwsError ValidationError */
export function page<T>(
  items: readonly T[],
  input: Record<string, unknown>,
): { readonly items: readonly T[]; readonly nextMarker: { readonly NextMarker?: string } } {
  const { Marker, PageSize } = parseInput(pageFields, input);
  const { items: shown, next } = pageOf(items, Marker, PageSize, () => new AwsError('ValidationError', `Invalid marker '${Marker}'`));
  return { items: shown, nextMarker: next === undefined ? {} : { NextMarker: next } };
}

export const toTags = (tags: readonly { Key: string; Value: string }[] = []): Map<string, string> =>
  new Map(tags.map(({ Key, Value }) => [Key, Value]));
