import { CfnOutput, aws_events as events, Stack, aws_sns as sns, aws_events_targets as targets } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { FINISH_EVENT } from '../../../functions/deploy/contract/finished-event.ts';
import { deploysTopicName } from '../../../functions/shared/naming.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';

export interface DeployEventsProps {
  readonly installation: string;
  readonly fleet: string;
  readonly deployStateMachineArn: string;
  /** Publishes the end of each deploy. */
  readonly reporter: HoldfastFunction;
}

/**
 * Publishes the end of each deploy: an event on the account's default bus, and its text on a topic. The function needs
 * only the bus; a rule forwards the text to the topic.
 *
 * The topic is not encrypted with KMS: other services cannot publish with the AWS managed key, a customer managed key costs a
 * dollar a month, and the text contains no secrets. Its policy accepts every rule of EventBridge, because EventBridge sends
 * nothing that a condition could check.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
export class DeployEvents extends Construct {
  constructor(scope: Construct, id: string, { installation, fleet, deployStateMachineArn, reporter }: DeployEventsProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const topic = new sns.Topic(this, 'Topic', {
      topicName: deploysTopicName(installation, fleet),
      displayName: `Deploys of ${fleet}`,
      enforceSSL: true,
    });
    new events.Rule(this, 'OnFinish', {
      description: `Publishes the end of each deploy of ${fleet} to its topic`,
      eventPattern: {
        source: [FINISH_EVENT.source],
        detailType: [FINISH_EVENT.detailType],
        detail: { stateMachineArn: [deployStateMachineArn] },
      },
      targets: [new targets.SnsTopic(topic, { message: events.RuleTargetInput.fromText(events.EventField.fromPath('$.detail.text')) })],
    });
    // The whole account shares the bus: the function can publish only with Holdfast's source.
    reporter.allow(['events:PutEvents'], [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })], {
      'ForAllValues:StringEquals': { 'events:source': [FINISH_EVENT.source] },
    });
    new CfnOutput(stack, 'DeploysTopicArn', {
      description: `Topic with the end of each deploy of ${fleet}`,
      value: topic.topicArn,
    });
  }
}
