import { expect, it } from 'vitest';
import { overheadSecondsPerTarget } from '../../../bench/deploy/measure-overhead.ts';

const stretch = (startMs: number, endMs: number) => ({ startMs, endMs });

it('is what neither a command nor the wait for health covers, a target', () => {
  const first = {
    roll: stretch(0, 30_000),
    commands: [stretch(500, 10_000), stretch(10_200, 20_000)],
    waits: [],
    untilHealthy: stretch(20_000, 29_700),
  };
  const second = { ...first, roll: stretch(0, 31_000) };
  expect(overheadSecondsPerTarget([first, second])).toBeCloseTo(1.5, 6);
});

it('counts what overlaps once, and nothing outside of the roll', () => {
  const target = {
    roll: stretch(1_000, 5_000),
    commands: [stretch(0, 3_000), stretch(2_000, 4_000)],
    waits: [stretch(2_500, 3_500)],
    untilHealthy: stretch(3_500, 9_000),
  };
  expect(overheadSecondsPerTarget([target])).toBe(0);
});

it('does not count what lies within a wait that was asked for', () => {
  const target = {
    roll: stretch(0, 20_000),
    commands: [stretch(400, 9_900)],
    waits: [stretch(300, 9_900), stretch(10_000, 19_000)],
    untilHealthy: stretch(0, 0),
  };
  expect(overheadSecondsPerTarget([target])).toBeCloseTo(1.4, 6);
});

it('is none without targets', () => {
  expect(overheadSecondsPerTarget([])).toBe(0);
});
