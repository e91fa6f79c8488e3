import { aws_cloudwatch as cloudwatch, Duration, type aws_elasticloadbalancingv2 as elbv2, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { fleetAlarmName } from '../../../functions/shared/naming.ts';
import { minuteOf, watchAlarm } from '../watch-alarm.ts';

export interface WebTierAlarmsProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly targetGroup: elbv2.IApplicationTargetGroup;
  /** Whether the load balancer can have targets and rules of others: its own errors then say nothing about a deploy. */
  readonly sharesLoadBalancer: boolean;
  /** Share of redirects, or of refusals, in the responses. */
  readonly loggedOutPercent: number;
  readonly topic: sns.ITopic;
}

/** Users leave a page that takes longer. */
export const P99_SECONDS = 2;
/** 5xx responses per minute. */
export const TARGET_5XX = 10;

/**
 * Failed connections to targets, or 5xx responses of the load balancer itself, per minute. A broken drain sends requests to a server that
 * refuses them for 15 to 25 s: five of them mean one request in three to five seconds for that server. One minute above the threshold is
 * enough, because such a drain does not fill a second one.
 */
export const FRONT_ERRORS = 5;

/**
 * Added to the number of requests before the share is computed, so that a few redirects at night are no large share: 2 of 2 requests count
 * as 9 %, 20 of 20 as 50 %.
 */
const FEW_REQUESTS = 20;

export interface WebTierAlarms {
  /** Those that a deploy watches while it settles. High latency does not stop a deploy. */
  readonly watchedByDeploys: readonly cloudwatch.Alarm[];
  readonly all: readonly cloudwatch.Alarm[];
}

export function webTierAlarms(scope: Construct, props: WebTierAlarmsProps): WebTierAlarms {
  const { installation, fleetName, targetGroup, sharesLoadBalancer, topic } = props;
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
  const refused = watchAlarm(scope, 'TargetConnectionErrors', {
    alarmName: fleetAlarmName(installation, fleetName, 'target-connection-errors'),
    heading: 'target-connection-errors',
    severity: 'high',
    sentence: `The load balancer cannot connect to servers of ${fleetName}`,
    metric: connectionErrors(targetGroup),
    threshold: FRONT_ERRORS,
    topic,
  });
  const ownErrors = watchAlarm(scope, 'LoadBalancer5xx', {
    alarmName: fleetAlarmName(installation, fleetName, 'load-balancer-5xx'),
    heading: 'load-balancer-5xx',
    severity: 'high',
    sentence: `The load balancer of ${fleetName} responds with 5xx errors of its own`,
    metric: loadBalancerErrors(targetGroup),
    threshold: FRONT_ERRORS,
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
  const share = (id: string, heading: 'redirects' | 'refusals', code: string, what: string) =>
    watchAlarm(scope, id, {
      alarmName: fleetAlarmName(installation, fleetName, heading),
      heading,
      severity: 'medium',
      sentence: `Most responses of ${fleetName} are ${what}, as when users are logged out`,
      metric: shareOfResponses(targetGroup, code),
      threshold: props.loggedOutPercent,
      periods: [3, 5],
      topic,
    });
  const redirects = share('Redirects', 'redirects', 'HTTPCode_Target_3XX_Count', 'redirects');
  const refusals = share('Refusals', 'refusals', 'HTTPCode_Target_4XX_Count', 'refusals (4xx)');
  const watchedByDeploys = [unhealthy, errors, refused, ...(sharesLoadBalancer ? [] : [ownErrors])];
  return { watchedByDeploys, all: [unhealthy, errors, refused, ownErrors, slow, redirects, refusals] };
}

/** In percent. A minute without any such response has no data, whatever its requests. */
const shareOfResponses = ({ metrics }: elbv2.IApplicationTargetGroup, code: string): cloudwatch.MathExpression =>
  new cloudwatch.MathExpression({
    expression: `100 * responses / (requests + ${FEW_REQUESTS})`,
    usingMetrics: {
      responses: metrics.httpCodeTarget(code as elbv2.HttpCodeTarget, minuteOf('Sum')),
      requests: metrics.requestCount(minuteOf('Sum')),
    },
    period: Duration.minutes(1),
    label: '%',
  });

/**
 * ELB publishes it only for minutes in which it is not zero.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export const connectionErrors = ({ metrics }: elbv2.IApplicationTargetGroup, label?: string): cloudwatch.Metric =>
  metrics.targetConnectionErrorCount({ ...minuteOf('Sum'), ...(label !== undefined && { label }) });

/** Errors of the load balancer itself, which no target had. It has them per load balancer only, not per target group. */
export const loadBalancerErrors = (targetGroup: elbv2.IApplicationTargetGroup, label?: string): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: 'AWS/ApplicationELB',
    metricName: 'HTTPCode_ELB_5XX_Count',
    dimensionsMap: { LoadBalancer: connectionErrors(targetGroup).dimensions?.['LoadBalancer'] },
    ...minuteOf('Sum'),
    ...(label !== undefined && { label }),
  });
