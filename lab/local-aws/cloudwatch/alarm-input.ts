/** Reads alarms from API input or CloudFormation properties. */
import { z } from 'zod';
import { flag, list, real, requiredText, tagList, whole } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';
import type { Alarm, AlarmState } from './alarm-state.ts';
import { dimensions, parseInput, unit } from './input.ts';
import { COMPARISONS, type ComparisonOperator } from './judge-alarm.ts';
import { checkPeriod, checkQueries, metricQuery, periodOf } from './metric-queries.ts';
import { checkStatistic, percentileOf } from './statistics.ts';
import { warmUpAfterPut } from './warm-up.ts';

const DAY_SECONDS = 86_400;
const MAX_WARM_UP_MINUTES = 2_880;

const metricAlarm = z.object({
  AlarmName: requiredText,
  AlarmDescription: z.string().optional(),
  ActionsEnabled: flag.optional(),
  OKActions: list(requiredText).optional(),
  AlarmActions: list(requiredText).optional(),
  InsufficientDataActions: list(requiredText).optional(),
  Tags: tagList.optional(),
  MetricName: requiredText.optional(),
  Namespace: requiredText.optional(),
  Statistic: requiredText.optional(),
  ExtendedStatistic: requiredText.optional(),
  Dimensions: dimensions.optional(),
  Period: whole(1, 7 * DAY_SECONDS).optional(),
  Unit: unit.optional(),
  Metrics: list(metricQuery).optional(),
  EvaluationPeriods: whole(1),
  DatapointsToAlarm: whole(1).optional(),
  Threshold: real.optional(),
  ThresholdMetricId: requiredText.optional(),
  ComparisonOperator: requiredText,
  TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).optional(),
  EvaluateLowSampleCountPercentile: z.enum(['evaluate', 'ignore']).optional(),
  WarmUpConfiguration: z
    .object({
      WarmUpPeriodDurationInMinutes: whole(1, MAX_WARM_UP_MINUTES),
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: flag.optional(),
    })
    .optional(),
});
type MetricAlarmInput = z.output<typeof metricAlarm>;

/** Where and when an alarm is made; an existing one keeps its state. */
export interface AlarmOrigin {
  readonly arnPrefix: string;
  readonly nowMs: number;
  readonly existing: Pick<Alarm, 'state' | 'warmUp'> | undefined;
}

/** @throws AwsError MissingParameter, InvalidParameterValue, InvalidParameterCombination, ValidationError */
export function readMetricAlarm(input: unknown, originOf: (name: string) => AlarmOrigin): Alarm {
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
      `The value ${request.ComparisonOperator} for parameter ComparisonOperator is not supported: anomaly detection is not emulated locally.`,
    );
  }
  if (request.Threshold === undefined) throw new AwsError('MissingParameter', 'The parameter Threshold is required.');
  const origin = originOf(request.AlarmName);
  const actions = [request.OKActions ?? [], request.AlarmActions ?? [], request.InsufficientDataActions ?? []] as const;
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
    arn: `${origin.arnPrefix}:alarm:${request.AlarmName}`,
    description: request.AlarmDescription,
    actionsEnabled: request.ActionsEnabled ?? true,
    okActions: actions[0],
    alarmActions: actions[1],
    insufficientDataActions: actions[2],
    configuredAtMs: origin.nowMs,
    state: origin.existing?.state ?? initial,
    watches,
    periodSeconds,
    evaluationPeriods: request.EvaluationPeriods,
    datapointsToAlarm: request.DatapointsToAlarm,
    threshold: request.Threshold,
    operator: request.ComparisonOperator as ComparisonOperator,
    treatMissingData: request.TreatMissingData,
    evaluateLowSampleCountPercentile: request.EvaluateLowSampleCountPercentile,
    warmUp: warmUpAfterPut(request.WarmUpConfiguration, origin.existing?.warmUp, origin.nowMs),
  };
}

function watched(request: MetricAlarmInput): Alarm['watches'] {
  const queries = request.Metrics ?? [];
  if (queries.length > 0) {
    if (request.MetricName !== undefined) {
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameters MetricName and Metrics are mutually exclusive and you have specified both.',
      );
    }
    checkQueries(queries);
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
      `The value ${request.ExtendedStatistic} for parameter ExtendedStatistic is not emulated locally.`,
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
