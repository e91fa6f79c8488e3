import { expect, it } from 'vitest';
import { chooseQuietSeconds } from '../../../../functions/deploy/assess/next-target.ts';

const limits = { quietSeconds: 25, leastQuietSeconds: 5 };

it.each([
  { title: 'without data, the longest', perMinute: [], seconds: 25 },
  { title: 'with too few minutes, the longest', perMinute: [6_000, 6_000], seconds: 25 },
  { title: 'with a minute without requests, the longest', perMinute: [6_000, 0, 6_000], seconds: 25 },
  { title: 'with little traffic, the longest', perMinute: [60, 60, 60], seconds: 25 },
  { title: 'with much traffic, the shortest', perMinute: [6_000, 6_000, 6_000], seconds: 5 },
  { title: 'in between, by the quietest minute: 6 · ln(10⁶) / 10', perMinute: [6_000, 600, 1_200], seconds: 8.289 },
])('$title', ({ perMinute, seconds }) => {
  expect(chooseQuietSeconds(perMinute, limits)).toBeCloseTo(seconds, 3);
});

it('never goes above the configured silence, even where its shortest is longer', () => {
  expect(chooseQuietSeconds([6_000, 6_000, 6_000], { quietSeconds: 1.2, leastQuietSeconds: 5 })).toBe(1.2);
});
