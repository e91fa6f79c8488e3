import { expect, it } from 'vitest';
import { forecastMemory } from '../../../functions/collect/sample-window.ts';

/** A sample each five minutes, of a store with 1,000 bytes. */
const samples = (...used: number[]) =>
  used.map((bytes, index) => ({ atMs: index * 300_000, memoryUsedBytes: bytes, memoryPercent: bytes / 10 }));

it('estimates when steady growth fills memory', () => {
  // 10 bytes in 5 minutes, 100 bytes left: 50 minutes.
  expect(forecastMemory(samples(870, 880, 890, 900))).toEqual({ growthBytesPerHour: 120, secondsUntilFull: 50 * 60 });
});

it('says nothing of hours after minutes', () => {
  // 88 bytes of 1,000 after ten minutes, as a start loads a store: 98 minutes at this growth.
  const start = forecastMemory(samples(0, 44, 88));
  expect(start).toEqual({ growthBytesPerHour: 528, secondsUntilFull: undefined });
});

it('is not moved by one burst', () => {
  expect(forecastMemory(samples(270, 280, 900, 300, 310)).growthBytesPerHour).toBe(120);
});

it.each([
  ['stays', [300, 300, 300], 0],
  ['shrinks', [320, 310, 300], -120],
])('is undefined while memory %s', (_title, used, growth) => {
  expect(forecastMemory(samples(...used))).toEqual({ growthBytesPerHour: growth, secondsUntilFull: undefined });
});

it('gives no estimate for two samples', () => {
  expect(forecastMemory(samples(100, 200))).toEqual({ growthBytesPerHour: undefined, secondsUntilFull: undefined });
});

it('is full when evictions keep it from growing', () => {
  expect(forecastMemory(samples(996, 996, 996)).secondsUntilFull).toBe(0);
});

it('never fills what has no limit', () => {
  const unlimited = samples(100, 200, 300).map((sample) => ({ ...sample, memoryPercent: null }));
  expect(forecastMemory(unlimited)).toEqual({ growthBytesPerHour: 1_200, secondsUntilFull: undefined });
});
