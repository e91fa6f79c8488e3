import { expect, it } from 'vitest';
import { needsOperator } from '../../../../functions/deploy/control/describe-outcome.ts';

it.each([
  ['InvalidInput', 'FAILED', false],
  ['InvalidVersion', 'FAILED', false],
  ['ReleaseNotFound', 'FAILED', false],
  ['DeployInProgress', 'FAILED', false],
  ['Aborted', 'ABORTED', false],
  ['BakeFailed', 'FAILED', true],
  ['TooFewHealthyTargets', 'FAILED', true],
  ['Lambda.Unknown', 'FAILED', true],
  ['States.Timeout', 'TIMED_OUT', true],
] as const)('a deploy that ended with %s as %s needs an operator: %s', (error, endedAs, expected) => {
  expect(needsOperator(error, endedAs)).toBe(expected);
});
