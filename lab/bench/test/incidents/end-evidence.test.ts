import { expect, test } from 'vitest';
import { untilPublished } from '../../incidents/end-evidence.ts';

const MINUTE = Date.parse('2026-11-23T11:11:00Z');

test.each([
  ['as a minute begins, the one before it is on its way', 0, 4_000],
  ['a second later', 1_000, 3_000],
  ['when the metrics show it', 4_000, 0],
  ['as the minute ends', 59_999, 0],
])('%s', (_, intoMinuteMs, waitMs) => {
  expect(untilPublished(MINUTE + intoMinuteMs)).toBe(waitMs);
});
