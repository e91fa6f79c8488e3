import { CfnOutput, aws_cloudwatch as cloudwatch, Duration, Stack, aws_sns as sns } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { LEFTOVER_METRICS, METRICS } from '../../../functions/deploy/contract/common.ts';
import { FINISH_EVENT } from '../../../functions/deploy/contract/control-steps.ts';
import { deploysTopicName, type FleetAlarm } from '../../../functions/shared/naming.ts';
import type { NamedFleet } from '../../config.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { deadLetterAlarm, type FleetAlarmPlace, fleetAlarm, minuteOf } from '../watch-alarm.ts';
import { deploysTopicArn } from './deploy-functions.ts';
import type { RollingDeploy } from './rolling-deploy.ts';

/**
 * Publishes the end of each deploy: an event on the account's default bus, and a message on a topic. The function publishes both:
 * a rule that forwards the event's text can only send it as a JSON string, in quotes and in one line.
 *
 * The topic is not encrypted with KMS: the text contains no secrets, and neither key is free of trouble: the AWS managed one
 * shuts out other services that someone may want to publish with, and a customer managed one costs a dollar a month.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-input-transformer-tutorial.html its message has the quotes
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export class DeployEvents extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, { config: { installation }, fleetName: fleet }: NamedFleet, reporter: HoldfastFunction) {
    super(scope, id);
    const stack = Stack.of(this);
    this.topic = new sns.Topic(this, 'Topic', {
      topicName: deploysTopicName(installation, fleet),
      displayName: `Deploys of ${fleet}`,
      enforceSSL: true,
    });
    // The ARN is made of the topic's name: the function, whose environment has it too, exists before the topic.
    reporter.allow(['sns:Publish'], [deploysTopicArn(stack, installation, fleet)]);
    // The whole account shares the bus: the function can publish only with Holdfast's source.
    reporter.allow(['events:PutEvents'], [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })], {
      'ForAllValues:StringEquals': { 'events:source': [FINISH_EVENT.source] },
    });
    new CfnOutput(stack, 'DeploysTopicArn', { description: `Topic with the end of each deploy of ${fleet}`, value: this.topic.topicArn });
  }
}

/** Alarms on a fleet's deploys. No deploy watches them: they follow from it. @param reconcileMinutes between two checks for what deploys left */
export function deployAlarms(
  scope: Construct,
  place: FleetAlarmPlace,
  { stateMachine, cleanUp, deadLetters }: RollingDeploy,
  reconcileMinutes: number,
): readonly cloudwatch.Alarm[] {
  const { fleetName } = place;
  // No deploy, no data.
  const alarm = (heading: FleetAlarm, sentence: string, metric: cloudwatch.IMetric, id?: string) =>
    fleetAlarm(scope, place, heading, { ...(id && { id }), severity: 'high', sentence, metric, threshold: 1 });
  const sumOf = (metricName: string, period: Duration) =>
    new cloudwatch.Metric({
      namespace: METRICS.namespace,
      metricName,
      dimensionsMap: { [METRICS.fleetDimension]: fleetName },
      period,
      statistic: 'Sum',
    });
  // One period longer than the checks are apart, so that it stays in ALARM between two of them.
  const left = (metricName: string) => sumOf(metricName, Duration.minutes(reconcileMinutes + 1));
  const orphaned = `A lock or suspended processes of ${fleetName} belong to a deploy that has ended`;
  return [
    // ExecutionsFailed is no measure, because it counts refused deploys as well. The clean-up reports each deploy that began; the alarm
    // clean-up-failed shows one that does not come so far.
    alarm('deploy-failed', `A deploy of ${fleetName} failed`, sumOf(METRICS.deployFailed, Duration.minutes(1))),
    // A machine that times out runs no Catch, and its clean-up is started by the event.
    alarm('deploy-timed-out', `A deploy of ${fleetName} timed out`, stateMachine.metricTimedOut(minuteOf('Sum'))),
    alarm('deploy-stuck', `A deploy of ${fleetName} is running but makes no progress`, left(LEFTOVER_METRICS.deployStuck)),
    alarm('orphaned-lock', orphaned, left(LEFTOVER_METRICS.orphanedLock), 'LeftLocked'),
    alarm('clean-up-failed', `The clean-up of a deploy of ${fleetName} failed`, cleanUp.named.metricFailed(minuteOf('Sum'))),
    deadLetterAlarm(scope, place, 'clean-up-dead-letters', deadLetters),
  ];
}
