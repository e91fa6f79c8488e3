import { CfnOutput, Stack, aws_sns as sns } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { FINISH_EVENT } from '../../../functions/deploy/contract/finished-event.ts';
import { deploysTopicName } from '../../../functions/shared/naming.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { deploysTopicArn } from './deploy-functions.ts';

export interface DeployEventsProps {
  readonly installation: string;
  readonly fleet: string;
  /** Publishes the end of each deploy. */
  readonly reporter: HoldfastFunction;
}

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

  constructor(scope: Construct, id: string, { installation, fleet, reporter }: DeployEventsProps) {
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
    new CfnOutput(stack, 'DeploysTopicArn', {
      description: `Topic with the end of each deploy of ${fleet}`,
      value: this.topic.topicArn,
    });
  }
}
