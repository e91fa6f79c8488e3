/** Chart options of a time series widget. Pure. */

import type { EChartsCoreOption } from 'echarts/core';
import { dateTimeText } from '../../functions/shared/texts.ts';
import type { HorizontalMark, MetricsDrawing, VerticalMark } from '../dashboards/drawing.ts';
import type { Series, TimeRange } from '../dashboards/queries.ts';
import { shortNumber } from './format.ts';
import type { Theme } from './theme.ts';

/** With more points than this, only the line is drawn. */
const MAX_SYMBOLS = 40;
/** Points that are more periods apart have a gap between them. */
const GAP_PERIODS = 1.5;
/** With more vertical marks than this their names would cover each other: the table below the graph has them. */
const MAX_NAMED = 8;
const TICKS = 4;
/** Room above the highest point. */
const HEADROOM = 1.05;
/** Tick intervals that are easy to read, times a power of ten. */
const TICK_STEPS = [1, 2, 2.5, 5, 10];
/** Beyond every axis. */
const FAR = Number.MAX_SAFE_INTEGER;

export function graphOption(graph: Graph, range: TimeRange, theme: Theme): EChartsCoreOption {
  const hasRight = graph.series.some(({ axis }) => axis === 'right') || graph.horizontal.some(({ axis }) => axis === 'right');
  return {
    ...common(theme),
    grid: { left: 2, right: hasRight ? 2 : 12, top: 10, bottom: 2, containLabel: true },
    tooltip: {
      trigger: 'axis',
      ...tooltipStyle(theme),
      valueFormatter: (value: unknown) => (typeof value === 'number' ? shortNumber(value) : 'no data'),
      axisPointer: { lineStyle: { color: theme.faint } },
    },
    xAxis: {
      type: 'time',
      min: range.startMs,
      max: range.endMs,
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { lineStyle: { color: theme.line } },
      axisLabel: { color: theme.faint, fontSize: 11, hideOverlap: true },
      axisPointer: { label: { formatter: ({ value }: { value: number }) => `${dateTimeText(value)} UTC` } },
      splitLine: { show: false },
    },
    yAxis: [axisOf(graph, 'left', theme, true), axisOf(graph, 'right', theme, hasRight)],
    series: [
      ...graph.series.map((series, index) => lineOf(series, index, graph.stacked, theme)),
      ...(['left', 'right'] as const).map((axis) => marksOf(graph, axis, range, theme)),
    ],
  };
}

/** The history of a single value, without axes. */
export function sparklineOption(series: Series, index: number, range: TimeRange, theme: Theme): EChartsCoreOption {
  const line = lineOf(series, index, false, theme);
  return {
    ...common(theme),
    grid: { left: 2, right: 2, top: 4, bottom: 2 },
    xAxis: { type: 'time', show: false, min: range.startMs, max: range.endMs },
    // From zero, so that small changes look small.
    yAxis: { type: 'value', show: false, min: ({ min }: { min: number }) => Math.min(0, min) },
    series: [{ ...line, yAxisIndex: 0, silent: true, symbolSize: 3, areaStyle: { opacity: 0.12 } }],
  };
}

/** Like CloudWatch, extends the axis so that annotations are visible. */
function axisOf(graph: Graph, position: 'left' | 'right', theme: Theme, show: boolean) {
  const { min = null, max } = graph.axes[position];
  const top = max ?? topOf(graph, position);
  return {
    type: 'value',
    position,
    show,
    min,
    max: top ?? null,
    ...(min !== null && top !== undefined && { interval: (top - min) / TICKS }),
    minInterval: position === 'right' ? 1 : 0,
    splitNumber: TICKS,
    axisLabel: { color: theme.faint, fontSize: 11, formatter: shortNumber },
    splitLine: { show: position === 'left', lineStyle: { color: theme.line } },
  };
}

/** The top of an axis that begins at zero and has annotations; undefined when the chart library chooses it. */
export function topOf({ axes, horizontal, series, stacked }: Graph, position: 'left' | 'right'): number | undefined {
  const marked = horizontal.filter(({ axis }) => axis === position).flatMap(({ value, to = value }) => [value, to]);
  if (marked.length === 0 || axes[position].min !== 0 || stacked) return undefined;
  const values = series.filter(({ axis }) => axis === position).flatMap(({ points }) => points.map(([, value]) => value));
  const highest = Math.max(...marked, ...values);
  if (highest <= 0) return undefined;
  const least = (highest * HEADROOM) / TICKS;
  const power = 10 ** Math.floor(Math.log10(least));
  return TICKS * power * (TICK_STEPS.find((step) => step * power >= least) ?? 10);
}

function lineOf(series: Series, index: number, stacked: boolean, theme: Theme) {
  const color = colorOf(series, index, theme);
  return {
    type: 'line',
    name: series.label,
    data: withGaps(series),
    yAxisIndex: series.axis === 'right' ? 1 : 0,
    color,
    lineStyle: { width: 1.6, color },
    itemStyle: { color },
    symbol: 'circle',
    symbolSize: isIsolated(series) ? 8 : 4,
    showSymbol: series.points.length <= MAX_SYMBOLS,
    connectNulls: false,
    ...(stacked && { stack: series.axis, areaStyle: { opacity: 0.35 } }),
  };
}

/** True when no point has a neighbor, so that there is no line to draw. */
function isIsolated(series: Series): boolean {
  const points = withGaps(series);
  return points.every(([, value], index) => value === null || (index === 0 ? null : points[index - 1]?.[1]) === null);
}

/** A missing period is a gap in the line. */
export function withGaps({ points, periodSeconds }: Series): (readonly [number, number | null])[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const isGap = before !== undefined && point[0] - before[0] > periodSeconds * 1000 * GAP_PERIODS;
    return isGap ? [[before[0] + periodSeconds * 1000, null] as const, point] : [point];
  });
}

/** Annotations are a series of their own, so that they are drawn even when a line has no data. */
function marksOf(graph: Graph, axis: 'left' | 'right', { startMs }: TimeRange, theme: Theme) {
  const horizontal = graph.horizontal.filter((mark) => mark.axis === axis);
  const vertical = axis === 'left' ? graph.vertical : [];
  const isCrowded = vertical.length > MAX_NAMED;
  return {
    type: 'line',
    data: [],
    silent: true,
    yAxisIndex: axis === 'right' ? 1 : 0,
    markLine: {
      symbol: 'none',
      lineStyle: { width: 1.2, type: 'dashed' },
      label: { color: theme.text, fontSize: 11 },
      data: [
        ...horizontal.map((mark) => horizontalLine(mark, theme)),
        // A band that began before the graph has no line, and its name would cover the axis: the table has it.
        ...vertical
          .filter(({ atMs, toMs }) => toMs === undefined || atMs > startMs)
          .map((mark) => verticalLine(isCrowded ? { ...mark, label: undefined } : mark, theme)),
      ],
    },
    markArea: {
      itemStyle: { opacity: 0.12 },
      data: [...horizontal.flatMap((mark) => band(mark, theme)), ...spans(vertical, theme)],
    },
  };
}

const horizontalLine = ({ value, label, color }: HorizontalMark, theme: Theme) => ({
  yAxis: value,
  lineStyle: { color: color ?? theme.faint },
  // A deploy that is under way is marked at the other end.
  label: { show: label !== undefined, position: 'insideStartTop', formatter: label ?? '' },
});
const verticalLine = ({ atMs, label, color }: VerticalMark, theme: Theme) => ({
  xAxis: atMs,
  lineStyle: { color: color ?? theme.faint },
  label: { show: label !== undefined, position: 'insideEndTop', formatter: label ?? '' },
});

function band({ value, to, fill, color }: HorizontalMark, theme: Theme): object[][] {
  const [from, until] = to !== undefined ? [value, to] : fill === 'above' ? [value, FAR] : fill === 'below' ? [-FAR, value] : [];
  return from === undefined ? [] : [[{ yAxis: from, itemStyle: { color: color ?? theme.faint } }, { yAxis: until }]];
}

/** Those of one colour that overlap are one: each more of them would be darker, until no curve is seen. */
function spans(marks: readonly VerticalMark[], theme: Theme): object[][] {
  const drawn = new Map<string, [from: number, until: number][]>();
  for (const { atMs, toMs, fill, color = theme.faint } of marks.toSorted((a, b) => a.atMs - b.atMs)) {
    const [from, until] = toMs !== undefined ? [atMs, toMs] : fill === 'after' ? [atMs, FAR] : fill === 'before' ? [0, atMs] : [];
    if (from === undefined || until === undefined) continue;
    const ranges = drawn.get(color) ?? [];
    const last = ranges.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], until);
    else ranges.push([from, until]);
    drawn.set(color, ranges);
  }
  return [...drawn].flatMap(([color, ranges]) => ranges.map(([from, until]) => [{ xAxis: from, itemStyle: { color } }, { xAxis: until }]));
}

export type Graph = Omit<MetricsDrawing, 'lines' | 'deploysOf'> & { readonly series: readonly Series[] };

/** A canvas does not inherit the page's font. */
const FONT = 'system-ui, sans-serif';
export const colorOf = ({ color }: Series, index: number, theme: Theme): string =>
  color ?? theme.series[index % theme.series.length] ?? theme.text;

/** The value of a number, a gauge or a bar; undefined without data. */
export const latestOf = ({ points }: Series): number | undefined => points.at(-1)?.[1];

export const common = (theme: Theme) => ({
  animation: false,
  useUTC: true,
  backgroundColor: 'transparent',
  textStyle: { color: theme.text, fontFamily: FONT },
  aria: { enabled: true },
});

const tooltipStyle = (theme: Theme) => ({
  confine: true,
  backgroundColor: theme.panel,
  borderColor: theme.line,
  textStyle: { color: theme.text, fontSize: 12 },
});

const ROW_PX = 34;
const AXIS_PX = 30;
export const rowsHeight = (rows: number): number => AXIS_PX + Math.max(1, rows) * ROW_PX;

export interface RenderApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): [number, number];
}

/** What happened in each row, on one axis of time. @param rows names of the rows; data with a row, from when and until when */
export function rowsOption(
  theme: Theme,
  rows: { names: readonly string[]; fromMs: number; untilMs: number; right: number; timeText: (atMs: number) => string },
  shown: { data: readonly unknown[]; tooltip: object; renderItem: (item: { dataIndex: number }, api: RenderApi) => object },
): EChartsCoreOption {
  const { data, tooltip, renderItem } = shown;
  return {
    ...common(theme),
    grid: { left: 8, right: rows.right, top: 4, bottom: 4, containLabel: true },
    tooltip: { ...tooltipStyle(theme), ...tooltip },
    xAxis: {
      type: 'time',
      min: rows.fromMs,
      max: rows.untilMs,
      axisLabel: { color: theme.faint, fontSize: 11, hideOverlap: true, formatter: rows.timeText },
      splitLine: { show: true, lineStyle: { color: theme.line } },
      axisLine: { show: false },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.names,
      axisLabel: { color: theme.text, fontSize: 12 },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } },
    },
    series: [{ type: 'custom', data, encode: { x: [1, 2], y: 0 }, renderItem }],
  };
}
