import { aws_cloudwatch_actions as actions, aws_cloudwatch as cloudwatch, Duration, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const RUNBOOK = 'docs/operator-runbook.md';

export interface WatchAlarmProps {
  readonly alarmName: string;
  /** Of the runbook, as its anchor. */
  readonly heading: string;
  readonly severity: 'high' | 'medium' | 'low';
  /** What is wrong, without a full stop. */
  readonly sentence: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** @default at or above */
  readonly when?: 'atLeast' | 'atMost';
  /** How many of the last periods have to breach. @default [1, 1] */
  readonly periods?: readonly [breaching: number, of: number];
  /** @default notBreaching: what has nothing to tell is well */
  readonly missing?: cloudwatch.TreatMissingData;
  /** Of a percentile: whether periods with too few samples for it count. @default true */
  readonly evaluatesFewSamples?: boolean;
  readonly topic: sns.ITopic;
}

/** An alarm as all of Holdfast's are: it tells the installation's topic when it goes off and when it is over, and links its runbook. */
export function watchAlarm(scope: Construct, id: string, props: WatchAlarmProps): cloudwatch.Alarm {
  const [breaching, of] = props.periods ?? [1, 1];
  const alarm = new cloudwatch.Alarm(scope, id, {
    alarmName: props.alarmName,
    alarmDescription: `severity: ${props.severity}. ${props.sentence}. Runbook: ${RUNBOOK}#${props.heading}`,
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
  const tell = new actions.SnsAction(props.topic);
  alarm.addAlarmAction(tell);
  alarm.addOkAction(tell);
  return alarm;
}

/** One minute of a metric. */
export const minuteOf = (statistic: string) => ({ period: Duration.minutes(1), statistic });
