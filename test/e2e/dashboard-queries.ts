/** The metrics of a dashboard's body as queries of GetMetricData, as CloudWatch sends them to draw it. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';

interface Options {
  readonly id?: string;
  readonly expression?: string;
  readonly stat?: string;
  readonly period?: number;
  readonly label?: string;
  readonly visible?: boolean;
}
/** `[namespace, name, dimension, value, …, options]`, or `[{ expression }]`. */
type Row = readonly (string | Options)[];

export interface Widget {
  readonly type: string;
  readonly properties: { readonly title?: string; readonly metrics?: readonly Row[]; readonly alarms?: readonly string[] };
}

export function queriesOf({ properties: { metrics = [] } }: Widget): MetricDataQuery[] {
  return metrics.map((row, index) => {
    const last = row.at(-1);
    const options = typeof last === 'object' ? last : {};
    const words = row.filter((part) => typeof part === 'string');
    const { id = `q${index}`, expression, stat = 'Average', period = 60, visible = true, label } = options;
    const common = { Id: id, ReturnData: visible, ...(label !== undefined && { Label: label }) };
    if (expression !== undefined) return { ...common, Expression: expression, Period: period };
    const [Namespace, MetricName, ...pairs] = words;
    const Dimensions = pairs.flatMap((Name, at) => (at % 2 === 0 ? [{ Name, Value: pairs[at + 1] as string }] : []));
    return { ...common, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: period, Stat: stat } };
  });
}
