import { describe, expect, it } from 'vitest';
import type { WindowSample } from '../../../functions/collect/contract.ts';
import { addSample, baselineOf } from '../../../functions/collect/sample-window.ts';

const at = (minutes: number) => ({
  atMs: minutes * 60_000,
  memoryUsedBytes: 1,
  memoryPercent: null,
  activeSessions: 1,
  hitRatePercent: null,
});
const times = (minutes: readonly number[]) =>
  minutes.reduce<readonly WindowSample[]>((window, minute) => addSample(window, at(minute), 300), []).map(({ atMs }) => atMs / 60_000);

describe('addSample', () => {
  it('keeps one sample each five minutes', () => {
    expect(times([0, 1, 2, 4, 5, 6, 10])).toEqual([0, 5, 10]);
  });

  it('is bounded', () => {
    const kept = times(Array.from({ length: 100 }, (_, index) => index * 5));
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([24, 76 * 5, 99 * 5]);
  });

  it('begins anew when the clock went back', () => {
    expect(times([60, 65, 3])).toEqual([3]);
  });
});

describe('baselineOf', () => {
  it.each([
    ['the median', [90, 10, 95, 92], 91],
    ['what is known', [null, 90, 92, null, 94], 92],
    ['nothing of two', [90, null, 92], undefined],
  ])('is %s', (_title, values, expected) => {
    expect(baselineOf(values)).toBe(expected);
  });
});
