/** Reads alarms from API input or CloudFormation properties. */
import { z } from 'zod';
import { AwsError } from '../gateway/service.ts';
import { alarmsOf, parseRule } from './alarm-rule.ts';
import type { AlarmState, CompositeAlarm, MetricAlarm } from './alarm-state.ts';
import { COMPARISONS, type ComparisonOperator } from './judge-alarm.ts';
import { checkPeriod, checkQueries, metricQuery, periodOf } from './metric-queries.ts';
import { dimensions, flag, list, parseInput, real, text, unit, whole } from './parse-input.ts';
import { checkStatistic, percentileOf } from './statistics.ts';

const MAX_ACTIONS = 5;
const MAX_METRICS = 10;
const DAY_SECONDS = 86_400;

export const tags = list(z.object({ Key: text, Value: z.string() }));

const common = z.object({
  AlarmName: text.max(255),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: flag.optional(),
  OKActions: list(text).optional(),
  AlarmActions: list(text).optional(),
  InsufficientDataActions: list(text).optional(),
  Tags: tags.optional(),
});

const metricAlarm = common.extend({
  MetricName: text.optional(),
  Namespace: text.optional(),
  Statistic: text.optional(),
  ExtendedStatistic: text.optional(),
  Dimensions: dimensions.optional(),
  Period: whole(1, 7 * DAY_SECONDS).optional(),
  Unit: unit.optional(),
  Metrics: list(metricQuery).optional(),
  EvaluationPeriods: whole(1),
  DatapointsToAlarm: whole(1).optional(),
  Threshold: real.optional(),
  ThresholdMetricId: text.optional(),
  ComparisonOperator: text,
  TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).optional(),
  EvaluateLowSampleCountPercentile: z.enum(['evaluate', 'ignore']).optional(),
});
type MetricAlarmInput = z.output<typeof metricAlarm>;

/** Where and when an alarm is made; an existing one keeps its state. */
export interface AlarmOrigin {
  readonly arnPrefix: string;
  readonly nowMs: number;
  readonly existing: { readonly state: AlarmState } | undefined;
}

/** @throws AwsError MissingParameter, InvalidParameterValue, InvalidParameterCombination, ValidationError */
export function readMetricAlarm(input: unknown, originOf: (name: string) => AlarmOrigin): MetricAlarm {
  const request = parseInput(metricAlarm, input);
  const watches = watched(request);
  const periodSeconds = 'metric' in watches ? watches.metric.periodSeconds : periodOf(watches.queries);
  const longest = periodSeconds >= 3600 ? 7 * DAY_SECONDS : DAY_SECONDS;
  if (periodSeconds * request.EvaluationPeriods > longest) {
    throw new AwsError(
      'ValidationError',
      `Metrics cannot be checked across more than ${longest / DAY_SECONDS === 1 ? 'a day' : 'a week'} (EvaluationPeriods * Period must be <= ${longest}).`,
    );
  }
  if (request.DatapointsToAlarm !== undefined && request.DatapointsToAlarm > request.EvaluationPeriods) {
    throw new AwsError('ValidationError', 'DatapointsToAlarm must be less than or equal to EvaluationPeriods.');
  }
  if (!(request.ComparisonOperator in COMPARISONS) || request.ThresholdMetricId !== undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `The value ${request.ComparisonOperator} for parameter ComparisonOperator is not provided locally: anomaly detection is not.`,
    );
  }
  if (request.Threshold === undefined) throw new AwsError('MissingParameter', 'The parameter Threshold is required.');
  return {
    kind: 'metric',
    ...base(request, 'alarm', originOf),
    watches,
    periodSeconds,
    evaluationPeriods: request.EvaluationPeriods,
    datapointsToAlarm: request.DatapointsToAlarm,
    threshold: request.Threshold,
    operator: request.ComparisonOperator as ComparisonOperator,
    treatMissingData: request.TreatMissingData,
    evaluateLowSampleCountPercentile: request.EvaluateLowSampleCountPercentile,
  };
}

function watched(request: MetricAlarmInput): MetricAlarm['watches'] {
  const queries = request.Metrics ?? [];
  if (queries.length > 0) {
    if (request.MetricName !== undefined) {
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameters MetricName and Metrics are mutually exclusive and you have specified both.',
      );
    }
    checkQueries(queries);
    if (queries.filter((query) => query.MetricStat !== undefined).length > MAX_METRICS) {
      throw new AwsError('ValidationError', `At most ${MAX_METRICS} metrics are allowed in an alarm.`);
    }
    if (queries.filter((query) => query.ReturnData !== false).length !== 1) {
      throw new AwsError('ValidationError', 'Exactly one element of the metrics list should return data.');
    }
    return { queries };
  }
  for (const name of ['MetricName', 'Namespace', 'Period'] as const) {
    if (request[name] === undefined) throw new AwsError('MissingParameter', `The parameter ${name} is required.`);
  }
  if ((request.Statistic === undefined) === (request.ExtendedStatistic === undefined)) {
    throw new AwsError('InvalidParameterCombination', 'Exactly one of Statistic and ExtendedStatistic must be specified.');
  }
  if (request.ExtendedStatistic !== undefined && percentileOf(request.ExtendedStatistic) === undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `The value ${request.ExtendedStatistic} for parameter ExtendedStatistic is not provided locally.`,
    );
  }
  const statistic = request.Statistic ?? request.ExtendedStatistic ?? '';
  const periodSeconds = request.Period ?? 60;
  checkStatistic(statistic);
  checkPeriod(periodSeconds);
  return {
    metric: {
      namespace: request.Namespace ?? '',
      name: request.MetricName ?? '',
      dimensions: request.Dimensions ?? {},
      statistic,
      periodSeconds,
      unit: request.Unit,
    },
  };
}

const compositeAlarm = common.extend({
  AlarmRule: text.max(10_240),
  ActionsSuppressor: text.optional(),
  ActionsSuppressorWaitPeriod: whole(0).optional(),
  ActionsSuppressorExtensionPeriod: whole(0).optional(),
});

/** @throws AwsError ValidationError for a rule that cannot be read or names an alarm that does not exist */
export function readCompositeAlarm(
  input: unknown,
  originOf: (name: string) => AlarmOrigin,
  exists: (nameOrArn: string) => boolean,
): CompositeAlarm {
  const request = parseInput(compositeAlarm, input);
  let children: string[];
  try {
    children = alarmsOf(parseRule(request.AlarmRule));
  } catch (error) {
    throw new AwsError('ValidationError', `Invalid AlarmRule: ${error instanceof Error ? error.message : error}.`);
  }
  const unknown = children.find((child) => child === request.AlarmName || !exists(child));
  if (unknown !== undefined)
    throw new AwsError('ValidationError', `AlarmRule must not contain alarms that do not exist or the alarm itself: ${unknown}`);
  return {
    kind: 'composite',
    ...base(request, 'alarm', originOf),
    rule: request.AlarmRule,
    actionsSuppressor: request.ActionsSuppressor,
    actionsSuppressorWaitSeconds: request.ActionsSuppressorWaitPeriod,
    actionsSuppressorExtensionSeconds: request.ActionsSuppressorExtensionPeriod,
  };
}

function base(request: z.output<typeof common>, type: string, originOf: (name: string) => AlarmOrigin) {
  const origin = originOf(request.AlarmName);
  const actions = [request.OKActions ?? [], request.AlarmActions ?? [], request.InsufficientDataActions ?? []] as const;
  if (actions.some((arns) => arns.length > MAX_ACTIONS))
    throw new AwsError('ValidationError', `At most ${MAX_ACTIONS} actions are allowed for a state.`);
  const wrong = actions.flat().find((arn) => !arn.startsWith('arn:'));
  if (wrong !== undefined) throw new AwsError('ValidationError', `Invalid arn syntax: ${wrong}`);
  const initial: AlarmState = {
    value: 'INSUFFICIENT_DATA',
    reason: 'Unchecked: Initial alarm creation',
    updatedAtMs: origin.nowMs,
    transitionedAtMs: origin.nowMs,
  };
  return {
    name: request.AlarmName,
    arn: `${origin.arnPrefix}:${type}:${request.AlarmName}`,
    description: request.AlarmDescription,
    actionsEnabled: request.ActionsEnabled ?? true,
    okActions: actions[0],
    alarmActions: actions[1],
    insufficientDataActions: actions[2],
    configuredAtMs: origin.nowMs,
    state: origin.existing?.state ?? initial,
  };
}
