import { aws_cloudwatch as cloudwatch, Duration, type aws_elasticloadbalancingv2 as elbv2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CANARY_METRICS, CANARY_PROBLEM_METRICS } from '../../functions/canary/contract/environment.ts';
import { METRICS, SESSION_METRICS } from '../../functions/deploy/contract/common.ts';
import { CURVES, fleetDashboardName } from '../../functions/shared/naming.ts';
import { canaryMetric } from '../constructs/canary/canary-alarms.ts';
import { minuteOf } from '../constructs/watch-alarm.ts';
import { connectionErrors, ofBalancer, P99_SECONDS, shareOfResponses } from '../constructs/web-tier/web-tier-alarms.ts';
import { alarmStates, deployEnds, filled, graph, numbers, RED } from './parts.ts';

export interface FleetDashboardProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly alarms: readonly cloudwatch.Alarm[];
}

export interface DeploysDashboardProps extends FleetDashboardProps {
  readonly latestDeploys: cloudwatch.IWidget;
  readonly waitsForSessions: boolean;
}

/** Deploys of one fleet: when each ran, how long it took, and how it ended. */
export function deploysDashboard(
  scope: Construct,
  { installation, fleetName, alarms, latestDeploys, waitsForSessions }: DeploysDashboardProps,
): void {
  const metric = (metricName: string, statistic: string, label: string, period = Duration.minutes(5)) =>
    new cloudwatch.Metric({
      namespace: METRICS.namespace,
      metricName,
      dimensionsMap: { [METRICS.fleetDimension]: fleetName },
      statistic,
      period,
      label,
    });
  const ofADay = Duration.days(1);
  new cloudwatch.Dashboard(scope, 'Deploys', {
    dashboardName: fleetDashboardName(installation, fleetName, 'deploys'),
    defaultInterval: Duration.days(7),
    widgets: [
      [
        numbers(`Deploys of ${fleetName} per day`, [
          metric(METRICS.deploySucceeded, 'Sum', 'succeeded', ofADay),
          metric(METRICS.deployFailed, 'Sum', 'failed and rolled back', ofADay),
          metric(METRICS.deployDurationSeconds, 'Maximum', 'longest (s)', ofADay),
        ]),
      ],
      [
        graph({
          title: 'Deploys',
          left: [metric(METRICS.deploySucceeded, 'Sum', 'succeeded'), metric(METRICS.deployFailed, 'Sum', 'failed')],
          unit: 'deploys',
        }),
        graph({ title: 'Deploy duration', left: [metric(METRICS.deployDurationSeconds, 'Maximum', 'deploy')], unit: 's' }),
        graph({
          title: 'Drain duration per server',
          left: [metric(METRICS.drainSeconds, 'Maximum', 'longest'), metric(METRICS.drainSeconds, 'Average', 'mean')],
          unit: 's',
        }),
      ],
      [latestDeploys],
      [
        graph({
          title: 'Sessions in the memory of drained servers',
          left: [
            metric(METRICS.drainedSessions, 'Sum', 'all servers'),
            metric(METRICS.drainedSessions, 'Maximum', 'one server, maximum'),
            ...(waitsForSessions ? [metric(SESSION_METRICS.sessionsCutOff, 'Sum', 'left when the wait for them ended')] : []),
          ],
          unit: 'sessions',
        }),
      ],
      [alarmStates(`Alarms on deploys of ${fleetName}`, alarms)],
    ],
  });
}

export interface WebTierDashboardProps extends FleetDashboardProps {
  readonly targetGroup: elbv2.IApplicationTargetGroup;
  readonly hasStore: boolean;
  readonly loggedOutPercent: number;
  readonly canary: CanaryWidgets | undefined;
}

export interface CanaryWidgets {
  readonly widget: cloudwatch.IWidget;
  readonly alarms: readonly cloudwatch.Alarm[];
  readonly everyMinutes: number;
}

export function webTierDashboard(scope: Construct, props: WebTierDashboardProps): void {
  const { installation, fleetName, alarms, targetGroup, canary, loggedOutPercent } = props;
  const { metrics } = targetGroup;
  const events = deployEnds([fleetName]);
  const responses = (code: string, label: string) => metrics.httpCodeTarget(code as elbv2.HttpCodeTarget, { ...minuteOf('Sum'), label });
  const responseTime = (statistic: string) => metrics.targetResponseTime({ ...minuteOf(statistic), label: statistic });
  new cloudwatch.Dashboard(scope, 'WebTier', {
    dashboardName: fleetDashboardName(installation, fleetName, 'web-tier'),
    defaultInterval: Duration.hours(3),
    widgets: [
      [
        graph({
          title: CURVES.answers,
          left: [
            ...['2xx', '3xx', '4xx'].map((code) => responses(`HTTPCode_Target_${code.toUpperCase()}_Count`, code)),
            responses('HTTPCode_Target_5XX_Count', '5xx').with({ color: RED }),
          ],
          unit: 'per minute',
          events,
        }),
        graph({
          title: 'Error responses',
          left: [responses('HTTPCode_Target_5XX_Count', '5xx'), responses('HTTPCode_Target_4XX_Count', '4xx')],
          unit: 'per minute',
          events,
        }),
        graph({
          title: CURVES.latency,
          left: [responseTime('p50'), responseTime('p95'), responseTime('p99')],
          unit: 's',
          threshold: { value: P99_SECONDS, label: 'target-p99' },
          events,
        }),
      ],
      [
        graph({
          title: 'Servers',
          left: [
            metrics.healthyHostCount({ ...minuteOf('Minimum'), label: 'healthy' }),
            metrics.unhealthyHostCount({ ...minuteOf('Maximum'), label: 'unhealthy' }),
          ],
          unit: 'servers',
          events,
        }),
        graph({
          title: 'Requests per server',
          left: [metrics.requestCountPerTarget({ ...minuteOf('Sum'), label: 'requests' })],
          unit: 'per minute',
        }),
        graph({
          title: 'Errors of the load balancer itself',
          left: [
            ofBalancer(targetGroup, 'HTTPCode_ELB_5XX_Count', '5xx'),
            ofBalancer(targetGroup, 'HTTPCode_ELB_4XX_Count', '4xx'),
            connectionErrors(targetGroup, 'failed connections to servers'),
          ],
          unit: 'per minute',
          events,
        }),
      ],
      [
        graph({
          title: CURVES.turnedAway,
          left: [
            shareOfResponses(props, '3XX', 'redirects').with({ label: 'redirects' }),
            shareOfResponses(props, '4XX', 'refusals').with({ label: 'refusals (4xx)' }),
          ],
          unit: 'percent',
          threshold: { value: loggedOutPercent, label: 'redirects, refusals' },
          events,
        }),
      ],
      ...(canary ? canaryRows(fleetName, canary) : []),
      [alarmStates(`Alarms on the web tier of ${fleetName}`, [...alarms, ...(canary?.alarms ?? [])])],
    ],
  });
}

/** What the canary found last, and how it came to that. */
function canaryRows(fleetName: string, { widget, everyMinutes }: CanaryWidgets): cloudwatch.IWidget[][] {
  const metric = (metricName: string, statistic: string, label: string) =>
    canaryMetric(fleetName, { metricName, statistic, minutes: everyMinutes, label });
  return [
    [widget],
    [
      graph({ title: 'Findings of the canary', left: [metric(CANARY_METRICS.findings, 'Maximum', 'findings')], unit: 'findings' }),
      graph({
        title: 'Sessions of the canary that vanished',
        left: [filled(metric(CANARY_PROBLEM_METRICS.vanished, 'Sum', 'vanished'), 'vanished', metric(CANARY_METRICS.ran, 'Sum', 'turns'))],
        unit: 'sessions',
        events: deployEnds([fleetName]),
      }),
      graph({ title: 'Turns of the canary', left: [metric(CANARY_METRICS.ran, 'Sum', 'turns')], unit: 'turns' }),
    ],
  ];
}
