import { describe, expect, it } from 'vitest';
import { rangeText, shortNumber } from '../../../console/browser/format.ts';
import { type Graph, graphOption, sparklineOption, topOf, withGaps } from '../../../console/browser/graph-option.ts';
import { DARK, LIGHT } from '../../../console/browser/theme.ts';
import { barsOf } from '../../../console/browser/timeline-option.ts';
import type { Series } from '../../../console/dashboards/queries.ts';

const series = (more: Partial<Series> = {}): Series => ({ label: 'a', axis: 'left', periodSeconds: 60, points: [], ...more });
const graph = (more: Partial<Graph> = {}): Graph => ({
  kind: 'metrics',
  view: 'timeSeries',
  stacked: false,
  sparkline: false,
  legend: 'bottom',
  axes: { left: { min: 0 }, right: {} },
  horizontal: [],
  vertical: [],
  series: [series()],
  ...more,
});
const RANGE = { startMs: 0, endMs: 900_000 };

describe('a line', () => {
  it('has a gap where a period is missing, and none between consecutive periods', () => {
    expect(
      withGaps(
        series({
          points: [
            [0, 1],
            [60_000, 2],
            [240_000, 3],
          ],
        }),
      ),
    ).toEqual([
      [0, 1],
      [60_000, 2],
      [120_000, null],
      [240_000, 3],
    ]);
  });

  it('stays within the time range, and has its own color and axis', () => {
    const option = graphOption(graph({ series: [series(), series({ label: 'b', color: '#123456', axis: 'right' })] }), RANGE, LIGHT);
    expect(option).toMatchObject({
      xAxis: { min: 0, max: 900_000 },
      yAxis: [{ show: true, min: 0 }, { show: true }],
      series: [{ name: 'a', color: LIGHT.series[0], yAxisIndex: 0 }, { name: 'b', color: '#123456', yAxisIndex: 1 }, {}, {}],
    });
  });

  it('is stacked if the widget is, and an empty right axis is hidden', () => {
    const { series: lines, yAxis } = graphOption(graph({ stacked: true }), RANGE, DARK) as { series: object[]; yAxis: object[] };
    expect(lines[0]).toMatchObject({ stack: 'left', areaStyle: {} });
    expect(yAxis[1]).toMatchObject({ show: false });
  });

  it('has bands of one colour that overlap drawn once, so that no number of them hides the curves', () => {
    const band = (atMs: number, toMs: number, color: string) => ({ atMs, toMs, color, label: '' });
    const vertical = [band(300, 400, 'red'), band(0, 200, 'red'), band(100, 250, 'red'), band(100, 250, 'grey')];
    const option = graphOption(graph({ vertical }), RANGE, LIGHT) as { series: { markArea?: { data: object[] } }[] };
    expect(option.series[1]?.markArea?.data).toEqual([
      [{ xAxis: 0, itemStyle: { color: 'red' } }, { xAxis: 250 }],
      [{ xAxis: 300, itemStyle: { color: 'red' } }, { xAxis: 400 }],
      [{ xAxis: 100, itemStyle: { color: 'grey' } }, { xAxis: 250 }],
    ]);
  });

  it('has annotations: a line with its label, a band, and a time', () => {
    const option = graphOption(
      graph({
        horizontal: [
          { value: 80, label: 'alarm', color: '#d13212', axis: 'left' },
          { value: 1, to: 2, axis: 'left' },
        ],
        vertical: [{ atMs: 5, label: 'deploy', fill: 'after' }],
      }),
      RANGE,
      LIGHT,
    ) as { series: { markLine: { data: object[] }; markArea: { data: object[] } }[] };
    expect(option.series[1]?.markLine.data).toMatchObject([
      { yAxis: 80, lineStyle: { color: '#d13212' }, label: { formatter: 'alarm' } },
      { yAxis: 1 },
      { xAxis: 5, label: { formatter: 'deploy' } },
    ]);
    expect(option.series[1]?.markArea.data).toMatchObject([
      [{ yAxis: 1 }, { yAxis: 2 }],
      [{ xAxis: 5 }, {}],
    ]);
  });
});

describe('the top of an axis', () => {
  const points = [[0, 42]] as const;
  it.each<[string, Partial<Graph>, number | undefined]>([
    ['shows a mark above the data', { series: [series({ points })], horizontal: [{ value: 100, axis: 'left' }] }, 200],
    ['shows data above a mark', { series: [series({ points })], horizontal: [{ value: 6, axis: 'left' }] }, 80],
    ['is the chart library’s without marks', { series: [series({ points })] }, undefined],
    [
      'is the chart library’s for an axis that does not begin at zero',
      { axes: { left: {}, right: {} }, horizontal: [{ value: 6, axis: 'left' }] },
      undefined,
    ],
    ['is not moved by a mark of the other axis', { series: [series({ points })], horizontal: [{ value: 6, axis: 'right' }] }, undefined],
  ])('%s', (_, more, expected) => {
    expect(topOf(graph(more), 'left')).toBe(expected);
  });
});

it.each([
  [0, '0'],
  [0.00417, '0.00417'],
  [12.34, '12.3'],
  [1_234, '1,234'],
  [9_999.4, '9,999'],
  [12_345, '12.3k'],
  [-4_560_000, '-4.56M'],
  [1.5e9, '1.5G'],
  [Number.NaN, 'not a number'],
])('%d is written %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

it.each([
  [15, '15 min'],
  [180, '3 h'],
  [10_080, '7 d'],
  [90, '90 min'],
])('%i minutes are %s', (minutes, text) => {
  expect(rangeText(minutes)).toBe(text);
});

it('a timeline has the phases that took time and failures, but neither waiting nor the end', () => {
  const timeline = [
    { phase: 'waiting', startedAtMs: 0, durationMs: 5 },
    { phase: 'draining', startedAtMs: 5, durationMs: 10 },
    { phase: 'done', startedAtMs: 15 },
  ] as const;
  const targets = [
    { instanceId: 'i-1', release: '1 → 2', words: '', timeline },
    { instanceId: 'i-2', release: '1 → 2', words: '', timeline: [{ phase: 'failed', startedAtMs: 7 }] },
  ] as const;
  expect(barsOf({ targets: targets as never })).toEqual([
    [0, 5, 15, 'draining'],
    [1, 7, 7, 'failed'],
  ]);
});

describe.each([LIGHT, DARK])('the colors of $name', (theme) => {
  const contrast = (a: string, b: string): number => {
    const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  it('of texts and labeled bars have the contrast that WCAG AA requires of text', () => {
    for (const color of [theme.text, theme.faint, ...Object.values(theme.phases)])
      expect(contrast(color, theme.panel), color).toBeGreaterThanOrEqual(4.5);
  });
  it('of lines have the contrast that WCAG AA requires of graphics', () => {
    for (const color of theme.series) expect(contrast(color, theme.panel), color).toBeGreaterThanOrEqual(3);
  });
});

/** @see https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

it('a small chart begins at zero, or at the lowest value below it', () => {
  const series = { label: 'x', axis: 'left' as const, periodSeconds: 60, points: [] };
  const { yAxis } = sparklineOption(series, 0, { startMs: 0, endMs: 1 }, LIGHT) as { yAxis: { min: (range: object) => number } };
  expect([yAxis.min({ min: 940, max: 1_000 }), yAxis.min({ min: -4, max: 3 })]).toEqual([0, -4]);
});
