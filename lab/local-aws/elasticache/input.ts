/** Input of ElastiCache's operations. */
import { z } from 'zod';
import { inputParser, pageOf, whole } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';

/** A parameter's value that the service refuses. */
export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** @throws AwsError InvalidParameterValue, MalformedInput */
export const parseInput = inputParser({
  missing: (parameter) => invalidValue(`The parameter ${parameter} must be provided and must not be blank.`),
  invalid: (parameter, _value, constraint) => invalidValue(`The parameter ${parameter} is not valid: ${constraint}.`),
});

const pageFields = z.object({ Marker: z.string().optional(), MaxRecords: whole(20, 100).default(100) });

/** One page of a Describe call. @throws AwsError InvalidParameterValue */
export function page<T>(items: readonly T[], input: Record<string, unknown>): { readonly items: readonly T[]; readonly Marker?: string } {
  const { Marker, MaxRecords } = parseInput(pageFields, input);
  const { items: shown, next } = pageOf(items, Marker, MaxRecords, () => invalidValue(`The parameter Marker is not valid: ${Marker}.`));
  return { items: shown, ...(next !== undefined && { Marker: next }) };
}
