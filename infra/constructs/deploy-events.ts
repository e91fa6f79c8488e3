import { CfnOutput, aws_events as events, Stack, aws_sns as sns, aws_events_targets as targets } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { FINISH_EVENT } from '../../functions/deploy/contract.ts';
import { deploysTopicName } from '../../functions/shared/naming.ts';
import type { HoldfastFunction } from './holdfast-function.ts';

export interface DeployEventsProps {
  readonly installation: string;
  readonly fleet: string;
  readonly deployStateMachineArn: string;
  /** Says how each deploy ended. */
  readonly reporter: HoldfastFunction;
}

/**
 * Tells others of each deploy that ends: an event on the account's default bus, and its text on a topic. The function
 * needs the bus alone; a rule brings the text to the topic.
 *
 * The topic has no key of KMS's. The key that AWS manages lets no other service publish, one of our own would cost a dollar
 * a month, and nothing secret is said. Its policy lets EventBridge in without naming the rule, for EventBridge brings
 * nothing that a condition could look at.
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
      description: `Says on the topic how each deploy of ${fleet} ended`,
      eventPattern: {
        source: [FINISH_EVENT.source],
        detailType: [FINISH_EVENT.detailType],
        detail: { stateMachineArn: [deployStateMachineArn] },
      },
      targets: [new targets.SnsTopic(topic, { message: events.RuleTargetInput.fromText(events.EventField.fromPath('$.detail.text')) })],
    });
    // The bus is shared by everything in the account: the function may speak in Holdfast's name alone.
    reporter.allow(['events:PutEvents'], [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })], {
      'ForAllValues:StringEquals': { 'events:source': [FINISH_EVENT.source] },
    });
    new CfnOutput(stack, 'DeploysTopicArn', {
      description: `Topic that says how each deploy of ${fleet} ended`,
      value: topic.topicArn,
    });
  }
}
