/** Alarms and their history as the API's output shapes have them. */
import type { Alarm, CompositeAlarm, HistoryItem, MetricAlarm } from './alarm-state.ts';
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
    ...(alarm.kind === 'metric' ? metricPart(alarm) : compositePart(alarm)),
  });
}

/** Leaves out what has no value: not every protocol can write `undefined`. */
export function given(shape: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined));
}

function metricPart(alarm: MetricAlarm): object {
  return {
    ...(('queries' in alarm.watches && { Metrics: alarm.watches.queries.map(describeQuery) }) || {}),
    ...(('metric' in alarm.watches && singlePart(alarm.watches)) || {}),
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.operator,
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile,
  };
}

function singlePart({ metric }: Extract<MetricAlarm['watches'], { metric: unknown }>): object {
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

function compositePart(alarm: CompositeAlarm): object {
  return {
    AlarmRule: alarm.rule,
    ActionsSuppressor: alarm.actionsSuppressor,
    ActionsSuppressorWaitPeriod: alarm.actionsSuppressorWaitSeconds,
    ActionsSuppressorExtensionPeriod: alarm.actionsSuppressorExtensionSeconds,
  };
}

export function describeHistory(item: HistoryItem): object {
  return {
    AlarmName: item.alarmName,
    AlarmType: item.alarmType,
    Timestamp: new Date(item.atMs),
    HistoryItemType: item.type,
    HistorySummary: item.summary,
    HistoryData: item.data,
  };
}
