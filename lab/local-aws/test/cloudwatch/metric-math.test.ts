import { describe, expect, it } from 'vitest';
import { evaluate, type MathContext } from '../../cloudwatch/metric-math.ts';

const QUERIES: Readonly<Record<string, [number, number][]>> = {
  m1: [
    [0, 10],
    [60, 20],
    [120, 30],
  ],
  m2: [
    [0, 2],
    [120, 0],
  ],
  errors: [[60, 5]],
};
const context: MathContext = {
  resolve: (id) => (QUERIES[id] === undefined ? undefined : new Map(QUERIES[id])),
  timesMs: [0, 60, 120],
};

function run(source: string): unknown {
  const value = evaluate(source, context);
  return typeof value === 'number' ? value : Object.fromEntries(value);
}

describe('metric math', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3 - 10 / 4', 6.5],
    ['-2 * -1.5e1', 30],
    ['m1 * 2', { 0: 20, 60: 40, 120: 60 }],
    ['100 - m1', { 0: 90, 60: 80, 120: 70 }],
    ['m1 + m2', { 0: 12, 60: 20, 120: 30 }],
    ['m2 > errors', { 0: 1, 60: 0, 120: 0 }],
    ['DIFF(m1)', { 60: 10, 120: 10 }],
    ['m1 - DIFF(m1)', { 0: 10, 60: 10, 120: 20 }],
    ['DIFF(errors)', {}],
    ['m1 / m2', { 0: 5 }],
    ['FILL(m2, 7)', { 0: 2, 60: 7, 120: 0 }],
    ['m1 / FILL(errors, 0)', { 60: 4 }],
    ['100 * errors / m1', { 0: 0, 60: 25, 120: 0 }],
    ['100 * FILL(errors, 0) / m1', { 0: 0, 60: 25, 120: 0 }],
    ['m1 >= 20', { 0: 0, 60: 1, 120: 1 }],
    ['m1 > 10 AND m1 != 30 || FILL(m2, 9) == 0', { 0: 0, 60: 1, 120: 1 }],
    ['IF(m1 < 20, 0, 100 * FILL(errors, 1) / m1)', { 0: 0, 60: 25, 120: 100 / 30 }],
    ['IF(FILL(m2, 7) >= 2, m2, m1)', { 0: 2, 60: 0, 120: 30 }],
    ['IF(m1 > 20, m1, m2)', { 0: 2, 120: 30 }],
    ['IF(1 > 2, m1, 5)', 5],
  ])('%s', (source, expected) => {
    expect(run(source)).toEqual(expected);
  });

  it.each([
    ['ANOMALY_DETECTION_BAND(m1)', 'the function ANOMALY_DETECTION_BAND is not emulated locally'],
    ['FILL(m2, REPEAT)', "there is no query with the id 'REPEAT'"],
    ['FILL(m1, m2)', 'FILL takes a time series and a number'],
    ['DIFF(7)', 'DIFF takes a time series'],
    ['FILL(m1)', "',' was expected, not ')'"],
    ['m9 + 1', "there is no query with the id 'm9'"],
    ['m1 +', 'the expression ends too early'],
    ['(m1', "')' was expected at the end"],
    ['m1 m2', "'m2' was not expected"],
    ['m1 % 2', "'% 2' cannot be read"],
    ['IF(m1, 2)', "',' was expected, not ')'"],
  ])('refuses %s', (source, message) => {
    expect(() => run(source)).toThrow(message);
  });
});
