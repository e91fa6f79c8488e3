import { aws_cloudwatch_actions as actions, aws_cloudwatch as cloudwatch, Duration, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const RUNBOOK = 'docs/operator-runbook.md';

export interface WatchAlarmProps {
  readonly alarmName: string;
  /** Anchor in the runbook. */
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
  /** Whether periods with too few samples for a percentile count. @default true */
  readonly evaluatesFewSamples?: boolean;
  /** Undefined: it notifies nobody, and has another effect. */
  readonly topic: sns.ITopic | undefined;
}

/** An alarm of Holdfast: it notifies the topic of ALARM and OK, and its description links the runbook. */
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
  if (props.topic === undefined) return alarm;
  const notify = new actions.SnsAction(props.topic);
  alarm.addAlarmAction(notify);
  alarm.addOkAction(notify);
  return alarm;
}

/** One minute of a metric. */
export const minuteOf = (statistic: string) => ({ period: Duration.minutes(1), statistic });
