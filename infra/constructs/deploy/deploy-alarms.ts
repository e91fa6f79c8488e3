import { aws_cloudwatch as cloudwatch, Duration, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LEFTOVER_METRICS, METRICS } from '../../../functions/deploy/contract/metrics.ts';
import { type FleetAlarm, fleetAlarmName } from '../../../functions/shared/naming.ts';
import { deadLetterAlarm } from '../dead-letter-alarm.ts';
import { minuteOf, watchAlarm } from '../watch-alarm.ts';
import type { RollingDeploy } from './rolling-deploy.ts';

export interface DeployAlarmsProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly rollingDeploy: RollingDeploy;
  /** Minutes between two checks for what deploys left. */
  readonly reconcileMinutes: number;
  readonly topic: sns.ITopic;
}

/** Alarms on a fleet's deploys. No deploy watches them: they follow from it. */
export function deployAlarms(scope: Construct, props: DeployAlarmsProps): readonly cloudwatch.Alarm[] {
  const { installation, fleetName, rollingDeploy, topic } = props;
  // No deploy, no data.
  const alarm = (id: string, heading: FleetAlarm, sentence: string, metric: cloudwatch.IMetric) =>
    watchAlarm(scope, id, {
      alarmName: fleetAlarmName(installation, fleetName, heading),
      heading,
      severity: 'high',
      sentence,
      metric,
      threshold: 1,
      topic,
    });
  const sumOf = (metricName: string, period: Duration) =>
    new cloudwatch.Metric({
      namespace: METRICS.namespace,
      metricName,
      dimensionsMap: { [METRICS.fleetDimension]: fleetName },
      period,
      statistic: 'Sum',
    });
  // One period longer than the checks are apart, so that it stays in ALARM between two of them.
  const left = (metricName: string) => sumOf(metricName, Duration.minutes(props.reconcileMinutes + 1));
  const { stateMachine, cleanUp } = rollingDeploy;
  return [
    // ExecutionsFailed is no measure, because it counts refused deploys as well. The clean-up reports each deploy that began; the alarm
    // clean-up-failed shows one that does not come so far.
    alarm('DeployFailed', 'deploy-failed', `A deploy of ${fleetName} failed`, sumOf(METRICS.deployFailed, Duration.minutes(1))),
    // A machine that times out runs no Catch, and its clean-up is started by the event.
    alarm('DeployTimedOut', 'deploy-timed-out', `A deploy of ${fleetName} timed out`, stateMachine.metricTimedOut(minuteOf('Sum'))),
    alarm('DeployStuck', 'deploy-stuck', `A deploy of ${fleetName} is running but makes no progress`, left(LEFTOVER_METRICS.deployStuck)),
    alarm(
      'LeftLocked',
      'orphaned-lock',
      `A lock or suspended processes of ${fleetName} belong to a deploy that has ended`,
      left(LEFTOVER_METRICS.orphanedLock),
    ),
    alarm(
      'CleanUpFailed',
      'clean-up-failed',
      `The clean-up of a deploy of ${fleetName} failed`,
      cleanUp.named.metricFailed(minuteOf('Sum')),
    ),
    deadLetterAlarm(scope, { installation, fleetName, heading: 'clean-up-dead-letters', queue: rollingDeploy.deadLetters, topic }),
  ];
}
