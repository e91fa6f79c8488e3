import { aws_cloudwatch as cloudwatch, Duration, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LEFT_METRICS, METRICS } from '../../functions/deploy/contract.ts';
import { type FleetAlarm, fleetAlarmName } from '../../functions/shared/naming.ts';
import { deadLetterAlarm } from './dead-letter-alarm.ts';
import type { RollingDeploy } from './rolling-deploy.ts';
import { minuteOf, watchAlarm } from './watch-alarm.ts';

export interface DeployAlarmsProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly rollingDeploy: RollingDeploy;
  /** Minutes between two looks for what deploys left. */
  readonly reconcileMinutes: number;
  readonly topic: sns.ITopic;
}

/** What speaks of a fleet's deploys. None is watched by a deploy: they follow from it. */
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
  const left = (metricName: string) =>
    new cloudwatch.Metric({
      namespace: METRICS.namespace,
      metricName,
      dimensionsMap: { [METRICS.fleetDimension]: fleetName },
      // One period longer than the looks are apart, so that it stays red between two of them.
      period: Duration.minutes(props.reconcileMinutes + 1),
      statistic: 'Sum',
    });
  const { stateMachine, cleanUp } = rollingDeploy;
  return [
    alarm('DeployFailed', 'deploy-failed', `A deploy of ${fleetName} failed`, stateMachine.metricFailed(minuteOf('Sum'))),
    // Not an ExecutionsFailed: a machine that times out runs no Catch, and its clean-up is started by the event.
    alarm('DeployTimedOut', 'deploy-timed-out', `A deploy of ${fleetName} timed out`, stateMachine.metricTimedOut(minuteOf('Sum'))),
    alarm('DeployStuck', 'deploy-stuck', `A deploy of ${fleetName} runs and does nothing`, left(LEFT_METRICS.deployStuck)),
    alarm(
      'LeftLocked',
      'left-locked',
      `A lock or suspended processes of ${fleetName} belong to a deploy that is no more`,
      left(LEFT_METRICS.leftLocked),
    ),
    alarm('LeftRules', 'left-rules', `A listener rule of ${fleetName} belongs to a deploy that is no more`, left(LEFT_METRICS.leftRules)),
    alarm(
      'CleanUpFailed',
      'clean-up-failed',
      `The clean-up of a deploy of ${fleetName} failed`,
      cleanUp.stateMachine.metricFailed(minuteOf('Sum')),
    ),
    deadLetterAlarm(scope, { installation, fleetName, heading: 'clean-up-dead-letters', queue: rollingDeploy.deadLetters, topic }),
  ];
}
