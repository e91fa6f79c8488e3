import { describe, expect, it } from 'vitest';
import { evaluate, type MathContext, type MathValue } from '../../../local/cloudwatch/metric-math.ts';
import { parseExpression } from '../../../local/cloudwatch/parse-expression.ts';

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
  resolve: (id) => (QUERIES[id] === undefined ? undefined : { kind: 'series', points: new Map(QUERIES[id]) }),
  metrics: () => Object.entries(QUERIES).map(([id, points]) => ({ id, label: id, points: new Map(points) })),
  timesMs: [0, 60, 120],
  periodMs: 60_000,
};

function show(value: MathValue): unknown {
  if (value.kind === 'series') return Object.fromEntries(value.points);
  if (value.kind === 'list') return value.items.map((item) => Object.fromEntries(item.points));
  return value.value;
}
const run = (source: string): unknown => show(evaluate(parseExpression(source), context));

describe('metric math', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3 - 10 / 4', 6.5],
    ['-2 ^ 2 * -1', -4],
    ['m1 * 2', { 0: 20, 60: 40, 120: 60 }],
    ['100 - m1', { 0: 90, 60: 80, 120: 70 }],
    ['m1 + m2', { 0: 12, 120: 30 }],
    ['m1 / m2', { 0: 5 }],
    ['SUM([m1, m2])', { 0: 12, 60: 20, 120: 30 }],
    ['AVG([m1, m2])', { 0: 6, 60: 20, 120: 15 }],
    ['MAX([m1, m2]) - MIN([m1, m2])', { 0: 8, 60: 0, 120: 30 }],
    ['MAX(m1)', 30],
    ['SUM(METRICS())', { 0: 12, 60: 25, 120: 30 }],
    ['SUM(METRICS("err"))', { 60: 5 }],
    ['FILL(m2, 7)', { 0: 2, 60: 7, 120: 0 }],
    ['FILL(m2, REPEAT)', { 0: 2, 60: 2, 120: 0 }],
    ['FILL(m2, LINEAR)', { 0: 2, 60: 1, 120: 0 }],
    ['m1 / FILL(errors, 0)', { 60: 4 }],
    ['IF(m1 > 15, m1, 0)', { 0: 0, 60: 20, 120: 30 }],
    ['IF(m1 > 5 AND m1 < 25, 1)', { 0: 1, 60: 1 }],
    ['IF(FILL(m2, 0) == 0 || m1 >= 100, 1, 0)', { 0: 0, 60: 1, 120: 1 }],
    [
      '[m1, m2] * 2',
      [
        { 0: 20, 60: 40, 120: 60 },
        { 0: 4, 120: 0 },
      ],
    ],
    ['RATE(m1)', { 60: 10 / 0.06, 120: 10 / 0.06 }],
    ['DIFF(m1)', { 60: 10, 120: 10 }],
    ['ABS(-3.5) + CEIL(0.5) + FLOOR(1.9) + PERIOD(m1)', { 0: 65.5, 60: 65.5, 120: 65.5 }],
  ])('%s', (source, expected) => {
    expect(run(source)).toEqual(expected);
  });

  it.each([
    ['ANOMALY_DETECTION_BAND(m1)', 'the function ANOMALY_DETECTION_BAND is not provided locally'],
    ['m9 + 1', "there is no query with the id 'm9'"],
    ['m1 +', 'the expression ends too early'],
    ['(m1', "')' was expected at the end"],
    ['m1 m2', "'m2' was not expected"],
    ['m1 # 2', "'# 2' cannot be read"],
  ])('refuses %s', (source, message) => {
    expect(() => run(source)).toThrow(message);
  });
});
