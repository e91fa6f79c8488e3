import { CfnOutput, aws_iam as iam, aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { alarmsTopicName } from '../../functions/shared/naming.ts';
import { HoldfastStack, type HoldfastStackProps } from './holdfast-stack.ts';

/**
 * The topic that every alarm of an installation notifies when it goes into ALARM and when it returns to OK. Anyone who wants
 * to know subscribes.
 *
 * The topic is not encrypted with KMS: alarms cannot publish with the AWS managed key, a customer managed key costs a dollar
 * a month, and alarms contain no secrets.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export class AlarmsStack extends HoldfastStack {
  readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, props: HoldfastStackProps) {
    super(scope, id, props);
    const { installation } = props.config;
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
    new CfnOutput(this, 'AlarmsTopicArn', { description: `Topic that every alarm of ${installation} notifies`, value: topic.topicArn });
    this.topic = topic;
  }
}
