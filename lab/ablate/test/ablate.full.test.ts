import { expect, it } from 'vitest';
import { ablate } from '../ablate.ts';
import { casesOf } from '../cases.ts';
import { readRecorded, summarize } from '../recorded.ts';

it('finds the inert elements that are recorded', { timeout: 3_600_000 }, async () => {
  expect(
    summarize(
      await ablate(
        () => casesOf([]),
        () => {},
      ),
    ),
  ).toEqual(readRecorded());
});
