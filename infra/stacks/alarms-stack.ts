import { CfnOutput, aws_iam as iam, Stack, type StackProps, aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { alarmsTopicName } from '../../functions/shared/naming.ts';

export interface AlarmsStackProps extends StackProps {
  readonly installation: string;
}

/**
 * Where every alarm of an installation says that it went off, and that it is over: whoever is to know subscribes.
 *
 * The topic has no key of KMS's: the key that AWS manages lets no alarm publish, one of our own would cost a dollar a month,
 * and alarms say nothing secret.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export class AlarmsStack extends Stack {
  readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, { installation, ...props }: AlarmsStackProps) {
    super(scope, id, props);
    const topic = new sns.Topic(this, 'Topic', {
      topicName: alarmsTopicName(installation),
      displayName: `Alarms of ${installation}`,
      enforceSSL: true,
    });
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    new CfnOutput(this, 'AlarmsTopicArn', { description: `Topic that every alarm of ${installation} tells`, value: topic.topicArn });
    this.topic = topic;
  }
}
