import {
  aws_cloudwatch_actions as actions,
  aws_cloudwatch as cloudwatch,
  Duration,
  type aws_sns as sns,
  type aws_sqs as sqs,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type FleetAlarm, fleetAlarmName } from '../../functions/shared/naming.ts';
import { runbookAddress } from '../../functions/shared/runbook.ts';
import { pascalCase } from '../../functions/shared/texts.ts';

export interface FleetAlarmPlace {
  readonly installation: string;
  readonly fleetName: string;
  readonly topic: sns.ITopic;
}

/** `id`: @default the heading's */
export type FleetAlarmRule = Omit<WatchAlarmProps, 'alarmName' | 'heading' | 'topic'> & { readonly id?: string };

export const fleetAlarm = (
  scope: Construct,
  { installation, fleetName, topic }: FleetAlarmPlace,
  heading: FleetAlarm,
  { id = pascalCase(heading), ...rule }: FleetAlarmRule,
): cloudwatch.Alarm => watchAlarm(scope, id, { ...rule, alarmName: fleetAlarmName(installation, fleetName, heading), heading, topic });

/** In ALARM while a dead-letter queue contains an event: what it should have started was not started. */
export const deadLetterAlarm = (
  scope: Construct,
  place: FleetAlarmPlace,
  heading: Extract<FleetAlarm, `${string}-dead-letters`>,
  queue: sqs.IQueue,
): cloudwatch.Alarm => {
  const sentence = `An event of ${place.fleetName} could not be delivered and is in a dead-letter queue`;
  const metric = queue.metricApproximateNumberOfMessagesVisible(minuteOf('Maximum'));
  return fleetAlarm(scope, place, heading, { id: 'DeadLettersLie', severity: 'high', sentence, metric, threshold: 1 });
};

/** Context of the app: base address of the documentation, as the configuration has it. */
export const DOCUMENTATION_CONTEXT = 'holdfast:documentation';

export interface WatchAlarmProps {
  readonly alarmName: string;
  readonly heading: string;
  readonly severity: 'high' | 'medium' | 'low';
  /** What is wrong, without a full stop. */
  readonly sentence: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** @default at or above */
  readonly when?: 'atLeast' | 'atMost';
  /** The number of the last periods that must breach. @default [1, 1] */
  readonly periods?: readonly [breaching: number, of: number];
  /** @default notBreaching: a metric of trouble has no data while there is none */
  readonly missing?: cloudwatch.TreatMissingData;
  /**
   * Longest time after its creation in which the alarm waits for data and does nothing. An alarm that treats missing data as
   * breaching needs one: CloudWatch also evaluates periods before the alarm was created, and all of them are missing.
   * @default none
   */
  readonly warmUp?: Duration;
  /** Whether periods with too few samples for a percentile count. @default true */
  readonly evaluatesFewSamples?: boolean;
  /** Undefined: it notifies nobody, and has another effect. */
  readonly topic: sns.ITopic | undefined;
}

/**
 * An alarm of Holdfast: it notifies the topic of ALARM and OK, and its description links the runbook.
 * @throws Error when missing data breach and there is no warm-up
 */
export function watchAlarm(scope: Construct, id: string, props: WatchAlarmProps): cloudwatch.Alarm {
  if (props.missing === cloudwatch.TreatMissingData.BREACHING && props.warmUp === undefined)
    throw new Error(`The alarm ${props.alarmName} treats missing data as breaching, and needs a warm-up: a new one would fire at once.`);
  const documentation: string | undefined = scope.node.tryGetContext(DOCUMENTATION_CONTEXT);
  const [breaching, of] = props.periods ?? [1, 1];
  const alarm = new cloudwatch.Alarm(scope, id, {
    alarmName: props.alarmName,
    alarmDescription: `severity: ${props.severity}. ${props.sentence}. Runbook: ${runbookAddress(props.heading, documentation)}`,
    metric: props.metric,
    threshold: props.threshold,
    evaluationPeriods: of,
    datapointsToAlarm: breaching,
    comparisonOperator:
      props.when === 'atMost'
        ? cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    ...(props.evaluatesFewSamples === false && { evaluateLowSampleCountPercentile: 'ignore' }),
    treatMissingData: props.missing ?? cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  if (props.warmUp) {
    // `Alarm` has no property for it yet. @see https://github.com/aws/aws-cdk/issues/38743
    (alarm.node.defaultChild as cloudwatch.CfnAlarm).warmUpConfiguration = { warmUpPeriodDurationInMinutes: props.warmUp.toMinutes() };
  }
  if (props.topic === undefined) return alarm;
  const notify = new actions.SnsAction(props.topic);
  alarm.addAlarmAction(notify);
  alarm.addOkAction(notify);
  return alarm;
}

export const minuteOf = (statistic: string) => ({ period: Duration.minutes(1), statistic });
