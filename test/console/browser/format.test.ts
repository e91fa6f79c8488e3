import { describe, expect, it } from 'vitest';
import { agoText, untilText, withTimes } from '../../../console/browser/format.ts';
import { dateTimeText } from '../../../functions/shared/texts.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');

it('a time is in UTC and has 24 hours, wherever its reader is', () =>
  expect(dateTimeText(NOW + 5.5 * 3_600_000)).toBe('2026-11-26 17:30:00'));

it.each([
  [0, 'now', 'just now'],
  [45_000, 'in 45 s', '45 s ago'],
  [12 * 60_000, 'in 12 min', '12 min ago'],
  [3 * 3_600_000, 'in 3 h', '3 h ago'],
  [50 * 3_600_000, 'in 2 d', '2 d ago'],
])('%i ms are %s, or %s', (ms, until, ago) => expect([untilText(ms), agoText(ms)]).toEqual([until, ago]));

describe('a sentence of the commands', () => {
  it.each([
    ['has a deadline as a length of time', 'lease until 2026-11-26T12:12:00.000Z', 'lease for another 12 min'],
    ['keeps a deadline that is over', 'waited until 2026-11-26T11:00:00.000Z', 'waited until 2026-11-26 11:00:00 UTC'],
    ['has the zone of each other time', 'held since 2026-11-26T11:59:00Z by ann', 'held since 2026-11-26 11:59:00 UTC by ann'],
    ['is the same without a time', 'free', 'free'],
  ])('%s', (_, text, expected) => expect(withTimes(text, NOW)).toBe(expected));
});
