import { expect, it } from 'vitest';
import { REPOSITORY } from '../../../test/run-node.ts';
import { givenMutants } from './given.ts';

it('each plant and each fault of the past can be planted, and is there once', () => {
  const mutants = givenMutants(REPOSITORY);
  const count = (kind: string) => mutants.filter((mutant) => mutant.kind === kind).length;
  expect(count('plant')).toBeGreaterThanOrEqual(35);
  expect(count('historic')).toBeGreaterThanOrEqual(20);
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  for (const { edits } of mutants) for (const { text, becomes } of edits) expect(becomes).not.toBe(text);
});
