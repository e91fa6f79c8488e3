import { expect, it } from 'vitest';
import { digestOfSweep, readRecordedSweep } from '../of-sweep.ts';
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

it('is of the catalogue of sweeps and of the recorded keys: npm run ablate -- --of sweep --record, which takes a minute', () => {
  expect(readRecordedSweep().digest).toBe(digestOfSweep());
});

/** Each has its case in test/functions/sweep: markers and parts of Spring's sessions, keys that public reports show, and those of session/user-sessions. */
const MOST_INERT_RULES = 9;

it('has few rules of that catalogue that no recorded key needs', () => {
  expect(readRecordedSweep().inert.length).toBeLessThanOrEqual(MOST_INERT_RULES);
});
