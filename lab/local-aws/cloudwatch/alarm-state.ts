/** State of alarms. Times are milliseconds since the epoch. */
import type { ComparisonOperator, MissingDataTreatment, StateValue } from './judge-alarm.ts';
import type { MetricQuery } from './metric-queries.ts';
import type { WarmUp } from './warm-up.ts';

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** JSON. */
  readonly reasonData?: string;
  readonly updatedAtMs: number;
  /** The time at which `value` last became another. */
  readonly transitionedAtMs: number;
}

/** The metric of an alarm that watches one. */
export interface SingleMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly unit?: string;
}

export interface Alarm {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly actionsEnabled: boolean;
  readonly okActions: readonly string[];
  readonly alarmActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  readonly configuredAtMs: number;
  readonly state: AlarmState;
  /** What it watches: one metric, or queries of which one returns data. */
  readonly watches: { readonly metric: SingleMetric } | { readonly queries: readonly MetricQuery[] };
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** M of "M out of N", as the alarm was given it; without it, M is N. */
  readonly datapointsToAlarm?: number;
  readonly threshold: number;
  readonly operator: ComparisonOperator;
  /** The treatment that the alarm was given; without it, `missing` applies. */
  readonly treatMissingData?: MissingDataTreatment;
  readonly evaluateLowSampleCountPercentile?: 'evaluate' | 'ignore';
  readonly warmUp?: WarmUp;
}

export interface HistoryItem {
  readonly alarmName: string;
  readonly atMs: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  /** JSON. */
  readonly data: string;
}

/** `2019-10-02T17:04:40.985+0000`, as alarm messages and events have times. */
export function alarmTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

/** An alarm's queries; one metric becomes one query. */
export function queriesOf(alarm: Alarm): readonly MetricQuery[] {
  if ('queries' in alarm.watches) return alarm.watches.queries;
  const { metric } = alarm.watches;
  const Metric = { Namespace: metric.namespace, MetricName: metric.name, Dimensions: metric.dimensions };
  return [
    {
      Id: 'm1',
      MetricStat: { Metric, Period: metric.periodSeconds, Stat: metric.statistic, Unit: metric.unit as never },
      ReturnData: true,
    },
  ];
}
