import { aws_cloudwatch as cloudwatch, Duration, type aws_elasticloadbalancingv2 as elbv2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { fleetAlarmName } from '../../functions/shared/naming.ts';

const RUNBOOK = 'docs/operator-runbook.md';

export interface WebTierAlarmsProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly targetGroup: elbv2.IApplicationTargetGroup;
}

/** The alarms that a deploy watches while it settles; gives their names. */
export function webTierAlarms(scope: Construct, props: WebTierAlarmsProps): readonly string[] {
  const { installation, fleetName, targetGroup } = props;
  const oneMinute = { period: Duration.minutes(1) };
  const unhealthy = new cloudwatch.Alarm(scope, 'UnhealthyHosts', {
    alarmName: fleetAlarmName(installation, fleetName, 'unhealthy-hosts'),
    alarmDescription: `severity: high. Servers of ${fleetName} fail the load balancer's health check. Runbook: ${RUNBOOK}#unhealthy-hosts`,
    metric: targetGroup.metrics.unhealthyHostCount({ ...oneMinute, statistic: 'Maximum' }),
    threshold: 1,
    // Two of three: one server that starts may fail one minute's checks.
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING, // an empty group reports nothing and has no unhealthy host
  });
  const errors = new cloudwatch.Alarm(scope, 'Target5xx', {
    alarmName: fleetAlarmName(installation, fleetName, 'target-5xx'),
    alarmDescription: `severity: high. Servers of ${fleetName} answer with errors. Runbook: ${RUNBOOK}#target-5xx`,
    metric: targetGroup.metrics.httpCodeTarget('HTTPCode_Target_5XX_Count' as elbv2.HttpCodeTarget, { ...oneMinute, statistic: 'Sum' }),
    threshold: 10,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING, // no error, no data
  });
  return [unhealthy.alarmName, errors.alarmName];
}
