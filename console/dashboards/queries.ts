/** The queries and time range for GetMetricData, and its results as series. Pure. */
import type { MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { Line } from './expand-rows.ts';

/** A line with its data, oldest first. */
export interface Series {
  readonly label: string;
  readonly color?: string;
  readonly axis: 'left' | 'right';
  readonly periodSeconds: number;
  readonly points: readonly (readonly [atMs: number, value: number])[];
}

export const queriesOf = (lines: readonly Line[]): MetricDataQuery[] =>
  lines.map(({ id, metric, expression, stat, periodSeconds, label, visible }) => ({
    Id: id,
    ReturnData: visible,
    ...(label !== undefined && { Label: label }),
    ...(metric
      ? {
          MetricStat: {
            Metric: {
              Namespace: metric.namespace,
              MetricName: metric.name,
              Dimensions: metric.dimensions.map(([Name, Value]) => ({ Name, Value })),
            },
            Period: periodSeconds,
            Stat: stat,
          },
        }
      : { Expression: expression, Period: periodSeconds }),
  }));

/** In the order of the lines. An expression can return several series, and a page of results part of one. */
export function seriesOf(lines: readonly Line[], results: readonly MetricDataResult[]): Series[] {
  return lines
    .filter(({ visible }) => visible)
    .flatMap(({ id, label, color, axis, periodSeconds }) => {
      const points = new Map<string, (readonly [number, number])[]>();
      for (const { Id, Label = '', Timestamps = [], Values = [] } of results) {
        if (Id !== id) continue;
        const more = Timestamps.map((at, index) => [at.getTime(), Values[index] ?? Number.NaN] as const);
        points.set(Label, [...(points.get(Label) ?? []), ...more]);
      }
      if (points.size === 0) points.set(label ?? id, []);
      return [...points].map(([name, all]) => ({
        label: name || label || id,
        ...(color !== undefined && { color }),
        axis,
        periodSeconds,
        points: all.toSorted(([a], [b]) => a - b),
      }));
    });
}

export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** CloudWatch keeps one-minute metrics for 15 days. */
export const MAX_MINUTES = 15 * 1_440;

export const rangeOf = (minutes: number, nowMs: number): TimeRange => ({ startMs: nowMs - minutes * 60_000, endMs: nowMs });

const UNIT_MINUTES = { W: 10_080, D: 1_440, H: 60, M: 1 } as const;

/** Minutes of a body's relative `start`: `-PT3H` is 180, `-P7D` 10,080; undefined for months, and for a time. */
export function minutesOf(start: string | undefined): number | undefined {
  const found = /^-P(?:(\d+)([WD]))?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(start ?? '');
  if (!found) return undefined;
  const [, days = 0, unit = 'D', hours = 0, minutes = 0] = found;
  const sum = Number(days) * UNIT_MINUTES[unit as 'W' | 'D'] + Number(hours) * UNIT_MINUTES.H + Number(minutes);
  return sum > 0 ? sum : undefined;
}
