/** The lines of a widget as queries of GetMetricData, and its answers as series. Pure. */
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

/** In the order of the lines. An expression may give several series, and a page of an answer a part of one. */
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
