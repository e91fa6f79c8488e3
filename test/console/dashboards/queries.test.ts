import { describe, expect, it } from 'vitest';
import { expandRows } from '../../../console/dashboards/expand-rows.ts';
import { minutesOf, queriesOf, seriesOf } from '../../../console/dashboards/queries.ts';

const LINES = expandRows({
  metrics: [
    ['Own', 'Orders', 'Shop', 'one', { id: 'orders', stat: 'Sum', period: 60, label: 'orders', visible: false }],
    [{ expression: 'FILL(orders, 0)', label: 'filled', period: 60, yAxis: 'right', color: '#123456' }],
  ],
});
const at = (seconds: number) => new Date(seconds * 1000);

it('makes queries of metrics and expressions for GetMetricData', () => {
  expect(queriesOf(LINES)).toEqual([
    {
      Id: 'orders',
      Label: 'orders',
      ReturnData: false,
      MetricStat: {
        Metric: { Namespace: 'Own', MetricName: 'Orders', Dimensions: [{ Name: 'Shop', Value: 'one' }] },
        Period: 60,
        Stat: 'Sum',
      },
    },
    { Id: 'row1', Label: 'filled', ReturnData: true, Expression: 'FILL(orders, 0)', Period: 60 },
  ]);
});

describe('series', () => {
  it('are those of visible lines, oldest first, from all pages', () => {
    const results = [
      { Id: 'row1', Label: 'filled', Timestamps: [at(120)], Values: [2] },
      { Id: 'row1', Label: 'filled', Timestamps: [at(60)], Values: [1] },
      { Id: 'orders', Label: 'orders', Timestamps: [at(60)], Values: [9] },
    ];
    expect(seriesOf(LINES, results)).toEqual([
      {
        label: 'filled',
        color: '#123456',
        axis: 'right',
        periodSeconds: 60,
        points: [
          [60_000, 1],
          [120_000, 2],
        ],
      },
    ]);
  });

  it('are several when an expression returns several', () => {
    const results = ['a', 'b'].map((Label) => ({ Id: 'row1', Label, Timestamps: [at(60)], Values: [1] }));
    expect(seriesOf(LINES, results).map(({ label }) => label)).toEqual(['a', 'b']);
  });

  it('keep their name without data, so that a chart can show what is missing', () => {
    expect(seriesOf(LINES, [])).toMatchObject([{ label: 'filled', points: [] }]);
  });
});

it.each([
  ['-PT3H', 180],
  ['-PT15M', 15],
  ['-PT1H30M', 90],
  ['-P7D', 10_080],
  ['-P1W', 10_080],
  ['-P1DT1H', 1_500],
  ['-P1M', undefined],
  ['2026-01-01T00:00:00Z', undefined],
  ['-P', undefined],
  [undefined, undefined],
])('the start %j of a body is %j minutes', (start, minutes) => {
  expect(minutesOf(start)).toBe(minutes);
});
