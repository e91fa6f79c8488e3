import { expect, it } from 'vitest';
import { digestOfToday, readRecorded } from '../recorded.ts';

/** It only shrinks: what changes no case goes, or gets the case that needs it. */
const MOST_INERT = 0.05;

it('is of these tables and this evidence: npm run ablate -- --record, which takes a quarter of an hour', () => {
  expect(readRecorded().digest).toBe(digestOfToday());
});

it('has few elements that change nothing', () => {
  const { elements, inert } = readRecorded();
  expect(inert.length / elements).toBeLessThanOrEqual(MOST_INERT);
});
