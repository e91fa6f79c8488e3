import { expect, it } from 'vitest';
import { overheadSecondsPerTarget } from '../../deploy/measure-overhead.ts';

const span = (startMs: number, endMs: number) => ({ startMs, endMs });

it('counts per target what neither a command nor the wait for health covers', () => {
  const first = {
    roll: span(0, 30_000),
    commands: [span(500, 10_000), span(10_200, 20_000)],
    waits: [],
    untilHealthy: span(20_000, 29_700),
  };
  const second = { ...first, roll: span(0, 31_000) };
  expect(overheadSecondsPerTarget([first, second])).toBeCloseTo(1.5, 6);
});

it('counts overlapping spans once, and nothing outside the roll', () => {
  const target = {
    roll: span(1_000, 5_000),
    commands: [span(0, 3_000), span(2_000, 4_000)],
    waits: [span(2_500, 3_500)],
    untilHealthy: span(3_500, 9_000),
  };
  expect(overheadSecondsPerTarget([target])).toBe(0);
});

it('does not count what lies within a configured wait', () => {
  const target = {
    roll: span(0, 20_000),
    commands: [span(400, 9_900)],
    waits: [span(300, 9_900), span(10_000, 19_000)],
    untilHealthy: span(0, 0),
  };
  expect(overheadSecondsPerTarget([target])).toBeCloseTo(1.4, 6);
});

it('is 0 without targets', () => {
  expect(overheadSecondsPerTarget([])).toBe(0);
});
