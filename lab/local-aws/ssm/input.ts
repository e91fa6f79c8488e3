/** Input of Systems Manager's operations, and parts of their output. */
import { z } from 'zod';
import { inputParser } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';

const refusal = (parameter: string, constraint: string): AwsError =>
  new AwsError('ValidationException', `1 validation error detected: Value at '${parameter}' failed to satisfy constraint: ${constraint}`);

/** @throws AwsError ValidationException */
export const parseInput = inputParser({
  missing: (parameter) => refusal(parameter, 'Member must not be null'),
  invalid: (parameter, _value, constraint) => refusal(parameter, constraint),
});

/** Fields of an operation that returns its result in pages. */
export const pageInput = z.object({ MaxResults: z.number().int().min(1).max(50).default(50), NextToken: z.string().optional() });

export const tagList = (record: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(record).map(([Key, Value]) => ({ Key, Value }));

/** JSON protocols carry times as seconds since the epoch. */
export const timestamp = (milliseconds: number): number => milliseconds / 1000;
