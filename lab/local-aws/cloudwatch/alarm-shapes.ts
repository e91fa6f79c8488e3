/** Alarms and their history as the API's output shapes have them. */
import type { Alarm, HistoryItem, SingleMetric } from './alarm-state.ts';
import { pairsOf } from './metric-operations.ts';
import type { MetricQuery } from './metric-queries.ts';
import { percentileOf } from './statistics.ts';

export function describeAlarm(alarm: Alarm): Record<string, unknown> {
  return given({
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: alarm.description,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAtMs),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    StateValue: alarm.state.value,
    StateReason: alarm.state.reason,
    StateReasonData: alarm.state.reasonData,
    StateUpdatedTimestamp: new Date(alarm.state.updatedAtMs),
    StateTransitionedTimestamp: new Date(alarm.state.transitionedAtMs),
    ...('queries' in alarm.watches ? { Metrics: alarm.watches.queries.map(describeQuery) } : describeMetric(alarm.watches.metric)),
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.operator,
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile,
    WarmUpConfiguration: alarm.warmUp && given(alarm.warmUp.configuration),
  });
}

/** Leaves out what has no value: not every protocol can write `undefined`. */
export function given(shape: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined));
}

function describeMetric(metric: SingleMetric): object {
  return {
    MetricName: metric.name,
    Namespace: metric.namespace,
    [percentileOf(metric.statistic) === undefined ? 'Statistic' : 'ExtendedStatistic']: metric.statistic,
    Dimensions: pairsOf(metric.dimensions),
    Period: metric.periodSeconds,
    Unit: metric.unit,
  };
}

function describeQuery(query: MetricQuery): object {
  const stat = query.MetricStat;
  const described = stat && given({ ...stat, Metric: { ...stat.Metric, Dimensions: pairsOf(stat.Metric.Dimensions ?? {}) } });
  return given({ ...query, MetricStat: described, ReturnData: query.ReturnData ?? true });
}

export function describeHistory(item: HistoryItem): object {
  return {
    AlarmName: item.alarmName,
    AlarmType: 'MetricAlarm',
    Timestamp: new Date(item.atMs),
    HistoryItemType: item.type,
    HistorySummary: item.summary,
    HistoryData: item.data,
  };
}
