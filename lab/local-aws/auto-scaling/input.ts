/** Input of Auto Scaling's operations. */
import { z } from 'zod';
import { inputParser, whole } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';

/** @throws AwsError ValidationError, MalformedInput */
export const parseInput = inputParser({
  missing: (parameter) => refusal('null', parameter, 'Member must not be null'),
  invalid: (parameter, value, constraint) => refusal(`'${String(value)}'`, parameter, constraint),
});

export const pageInput = z.object({ NextToken: z.string().optional(), MaxRecords: whole(1, 100).default(50) });

function refusal(value: string, parameter: string, constraint: string): AwsError {
  const member = `${parameter.charAt(0).toLowerCase()}${parameter.slice(1)}`;
  return new AwsError(
    'ValidationError',
    `1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
