/** Input of CloudWatch's operations. */
import { z } from 'zod';
import { inputParser, list, requiredText } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';

/** @throws AwsError MissingParameter, InvalidParameterValue, MalformedInput */
export const parseInput = inputParser({
  missing: (parameter) => new AwsError('MissingParameter', `The parameter ${parameter} is required.`),
  invalid: (parameter, value, constraint) =>
    new AwsError('InvalidParameterValue', `The value ${JSON.stringify(value)} for parameter ${parameter} is not supported: ${constraint}`),
});

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
export const dimensions = list(z.object({ Name: requiredText, Value: requiredText })).transform((pairs) =>
  Object.fromEntries(pairs.map((pair) => [pair.Name, pair.Value])),
);
