import type { aws_cloudwatch as cloudwatch, aws_elasticloadbalancingv2 as elbv2, aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { fleetAlarmName } from '../../../functions/shared/naming.ts';
import { minuteOf, watchAlarm } from '../watch-alarm.ts';

export interface WebTierAlarmsProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly targetGroup: elbv2.IApplicationTargetGroup;
  readonly topic: sns.ITopic;
}

/** Users leave a page that takes longer. */
export const P99_SECONDS = 2;
/** 5xx responses per minute. */
export const TARGET_5XX = 10;

export interface WebTierAlarms {
  /** Those that a deploy watches while it settles. High latency does not stop a deploy. */
  readonly watchedByDeploys: readonly cloudwatch.Alarm[];
  readonly all: readonly cloudwatch.Alarm[];
}

export function webTierAlarms(scope: Construct, props: WebTierAlarmsProps): WebTierAlarms {
  const { installation, fleetName, targetGroup, topic } = props;
  const unhealthy = watchAlarm(scope, 'UnhealthyHosts', {
    alarmName: fleetAlarmName(installation, fleetName, 'unhealthy-hosts'),
    heading: 'unhealthy-hosts',
    severity: 'high',
    sentence: `Servers of ${fleetName} fail the load balancer's health check`,
    metric: targetGroup.metrics.unhealthyHostCount(minuteOf('Maximum')),
    threshold: 1,
    // A server that starts can fail the checks of one minute. An empty group has no data and no unhealthy host.
    periods: [2, 3],
    topic,
  });
  const errors = watchAlarm(scope, 'Target5xx', {
    alarmName: fleetAlarmName(installation, fleetName, 'target-5xx'),
    heading: 'target-5xx',
    severity: 'high',
    sentence: `Servers of ${fleetName} respond with 5xx errors`,
    metric: targetGroup.metrics.httpCodeTarget('HTTPCode_Target_5XX_Count' as elbv2.HttpCodeTarget, minuteOf('Sum')),
    threshold: TARGET_5XX,
    periods: [2, 3],
    topic,
  });
  const slow = watchAlarm(scope, 'TargetP99', {
    alarmName: fleetAlarmName(installation, fleetName, 'target-p99'),
    heading: 'target-p99',
    severity: 'medium',
    sentence: `The p99 latency of ${fleetName} exceeds ${P99_SECONDS} s`,
    metric: targetGroup.metrics.targetResponseTime(minuteOf('p99')),
    threshold: P99_SECONDS,
    periods: [3, 5],
    // At night one slow response already moves the p99: CloudWatch ignores minutes with too few samples.
    evaluatesFewSamples: false,
    topic,
  });
  return { watchedByDeploys: [unhealthy, errors], all: [unhealthy, errors, slow] };
}
