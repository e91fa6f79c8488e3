/** Where an interpreter differs from AWS and is left so. */
import type { Json } from './json.ts';

export const INTERPRETERS = ['default emulator', 'LocalStack', 'simulation'] as const;
export type Interpreter = (typeof INTERPRETERS)[number];

export interface Difference {
  readonly interpreter: Interpreter;
  readonly row: string;
  readonly observed: Json;
  /** Who is right, and why. */
  readonly right: string;
  /** Why no definition of Holdfast depends on it. */
  readonly harmless: string;
}

/** LocalStack Community 4.14.0. */
const ofLocalStack = (row: string, observed: Json, right: string, harmless: string): Difference => ({
  interpreter: 'LocalStack',
  row,
  observed,
  right,
  harmless,
});

export const DIFFERENCES: readonly Difference[] = [
  ofLocalStack(
    'missing-path-not-caught',
    { status: 'SUCCEEDED', output: { caught: 'Exception' } },
    'AWS is right: recordings of AWS show States.Runtime, which no Catch takes by the guide. LocalStack names its own exception, which Catch takes.',
    'Every path of a definition is written on every way to the state that reads it; below that are the fields of the functions’ replies.',
  ),
  ofLocalStack(
    'missing-variable',
    { status: 'SUCCEEDED', output: 'None' },
    'AWS is right: the guide of 2023 documents that the execution fails, and the specification exempts IsPresent alone. LocalStack takes the rule for false.',
    'Every variable that may be missing has IsPresent before it.',
  ),
];
