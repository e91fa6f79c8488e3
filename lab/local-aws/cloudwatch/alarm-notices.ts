/**
 * What CloudWatch publishes about an alarm's change of state: the SNS message, the Lambda payload, the EventBridge event.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
import type { EventBus } from '../interfaces.ts';
import { type Alarm, type AlarmState, alarmTime, queriesOf } from './alarm-state.ts';
import type { MetricQuery } from './metric-queries.ts';
import { percentileOf } from './statistics.ts';

/** SNS messages have the Region's name instead of its code; Regions that are not listed keep their code. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-north-1': 'EU (Stockholm)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'sa-east-1': 'South America (Sao Paulo)',
};

export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** The state in `alarm` is the new one. */
export function snsSubject(alarm: Alarm, place: Place): string {
  return `${alarm.state.value}: "${alarm.name}" in ${REGION_NAMES[place.region] ?? place.region}`.slice(0, 100);
}

export function snsMessage(alarm: Alarm, previous: AlarmState, place: Place): string {
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: place.accountId,
    AlarmConfigurationUpdatedTimestamp: alarmTime(alarm.configuredAtMs),
    NewStateValue: alarm.state.value,
    NewStateReason: alarm.state.reason,
    StateChangeTime: alarmTime(alarm.state.updatedAtMs),
    Region: REGION_NAMES[place.region] ?? place.region,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    Trigger: trigger(alarm),
  });
}

function trigger(alarm: Alarm): object {
  const common = {
    Period: alarm.periodSeconds,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm ?? alarm.evaluationPeriods,
    ComparisonOperator: alarm.operator,
    Threshold: alarm.threshold,
    TreatMissingData: alarm.treatMissingData ?? '',
    EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile ?? '',
  };
  if ('queries' in alarm.watches) {
    return { ...common, Metrics: alarm.watches.queries.map(snsQuery) };
  }
  const { metric } = alarm.watches;
  const extended = percentileOf(metric.statistic) !== undefined;
  return {
    MetricName: metric.name,
    Namespace: metric.namespace,
    StatisticType: extended ? 'ExtendedStatistic' : 'Statistic',
    ...(extended ? { ExtendedStatistic: metric.statistic } : { Statistic: STATISTIC_NAMES[metric.statistic] }),
    Unit: metric.unit ?? null,
    Dimensions: snsDimensions(metric.dimensions),
    ...common,
  };
}

const STATISTIC_NAMES: Readonly<Record<string, string>> = {
  SampleCount: 'SAMPLE_COUNT',
  Sum: 'SUM',
  Average: 'AVERAGE',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
};

function snsDimensions(set: Readonly<Record<string, string>>): object[] {
  return Object.entries(set).map(([name, value]) => ({ value, name }));
}

function snsQuery(query: MetricQuery): object {
  const stat = query.MetricStat;
  return {
    Id: query.Id,
    ...(query.Label !== undefined && { Label: query.Label }),
    ...(query.Expression !== undefined && { Expression: query.Expression }),
    ...(stat !== undefined && {
      MetricStat: {
        Metric: {
          Dimensions: snsDimensions(stat.Metric.Dimensions ?? {}),
          MetricName: stat.Metric.MetricName,
          Namespace: stat.Metric.Namespace,
        },
        Period: stat.Period,
        Stat: stat.Stat,
      },
    }),
    ReturnData: query.ReturnData ?? true,
  };
}

function stateDetail(state: AlarmState): Record<string, unknown> {
  return {
    value: state.value,
    reason: state.reason,
    ...(state.reasonData !== undefined && { reasonData: state.reasonData }),
    timestamp: alarmTime(state.updatedAtMs),
  };
}

function configuration(alarm: Alarm): Record<string, unknown> {
  return {
    ...(alarm.description !== undefined && { description: alarm.description }),
    metrics: queriesOf(alarm).map(eventQuery),
  };
}

function eventQuery(query: MetricQuery): object {
  const stat = query.MetricStat;
  return {
    id: query.Id,
    ...(query.Expression !== undefined && { expression: query.Expression }),
    ...(query.Label !== undefined && { label: query.Label }),
    ...(stat !== undefined && {
      metricStat: {
        metric: { namespace: stat.Metric.Namespace, name: stat.Metric.MetricName, dimensions: stat.Metric.Dimensions ?? {} },
        period: stat.Period,
        stat: stat.Stat,
      },
    }),
    returnData: query.ReturnData ?? true,
  };
}

export function stateChangeEvent(alarm: Alarm, previous: AlarmState): Parameters<EventBus['put']>[0] {
  return {
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    detail: alarmData(alarm, previous),
  };
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
export function lambdaPayload(alarm: Alarm, previous: AlarmState, place: Place): Record<string, unknown> {
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: place.accountId,
    time: alarmTime(alarm.state.updatedAtMs),
    region: place.region,
    alarmData: alarmData(alarm, previous),
  };
}

const alarmData = (alarm: Alarm, previous: AlarmState) => ({
  alarmName: alarm.name,
  state: stateDetail(alarm.state),
  previousState: stateDetail(previous),
  configuration: configuration(alarm),
});
