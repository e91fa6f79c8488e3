/** CloudFormation and CloudWatch. */
import { CloudFormationClient, CreateStackCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricDataCommand, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Ability } from './ability.ts';
import { eventually, makeQueue, makeStack, must, mustRefuse, name, stackEnd, tableSettings } from './calls.ts';

/** Longest wait for an alarm with periods of ten seconds. */
const ALARM_WAIT_SECONDS = 90;

export const STACKS_AND_METRICS: readonly Ability[] = [
  {
    service: 'CloudFormation',
    what: 'refuses a stack with a type that it does not know, and reports nothing as created',
    async show(config) {
      const client = new CloudFormationClient(config);
      const StackName = name();
      const TemplateBody = JSON.stringify({ Resources: { Broker: { Type: 'AWS::AmazonMQ::Broker', Properties: {} } } });
      const made = await client.send(new CreateStackCommand({ StackName, TemplateBody })).catch(() => undefined);
      if (made === undefined) return;
      const status = await stackEnd(client, StackName);
      must(/FAILED|ROLLBACK/.test(status), `the stack is ${status}`);
    },
  },
  {
    service: 'CloudFormation',
    what: 'refuses an update that changes nothing',
    async show(config) {
      const { client, StackName, TemplateBody } = await makeStack(config, { Queue: { Type: 'AWS::SQS::Queue' } });
      await mustRefuse(/No updates are to be performed/, client.send(new UpdateStackCommand({ StackName, TemplateBody })));
    },
  },
  {
    service: 'CloudFormation',
    what: 'rolls back a creation that failed: what it had created is gone',
    async show(config) {
      const client = new CloudFormationClient(config);
      const [StackName, QueueName] = [name(), name()];
      const table = tableSettings(name());
      await new DynamoDBClient(config).send(new CreateTableCommand(table));
      const Resources = {
        Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName } },
        // A table of that name exists already.
        Table: { Type: 'AWS::DynamoDB::Table', DependsOn: 'Queue', Properties: table },
      };
      await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }));
      const status = await stackEnd(client, StackName);
      must(status === 'ROLLBACK_COMPLETE', `the stack is ${status}`);
      await mustRefuse(/NonExistentQueue|QueueDoesNotExist/, new SQSClient(config).send(new GetQueueUrlCommand({ QueueName })));
    },
  },
  {
    service: 'CloudWatch',
    what: 'calculates with metrics, and takes an alarm on the result',
    async show(config) {
      const client = new CloudWatchClient(config);
      const [Namespace, now] = [name(), Date.now()];
      const metric = (MetricName: string, Id: string) => ({
        Id,
        ReturnData: false,
        MetricStat: { Metric: { Namespace, MetricName }, Period: 60, Stat: 'Sum' },
      });
      const MetricData = ['one', 'two'].map((MetricName, index) => ({ MetricName, Value: index + 1, Timestamp: new Date(now) }));
      await client.send(new PutMetricDataCommand({ Namespace, MetricData }));
      const queries = [metric('one', 'a'), metric('two', 'b'), { Id: 'c', Expression: 'a + b', ReturnData: true }];
      const [StartTime, EndTime] = [new Date(now - 120_000), new Date(now + 120_000)];
      await eventually('there is no sum', async () => {
        const { MetricDataResults } = await client.send(new GetMetricDataCommand({ MetricDataQueries: queries, StartTime, EndTime }));
        return MetricDataResults?.find(({ Id }) => Id === 'c')?.Values?.find((value) => value === 3);
      });
      const alarm = {
        AlarmName: name(),
        Metrics: queries,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold' as const,
      };
      await client.send(new PutMetricAlarmCommand(alarm));
    },
  },
  {
    service: 'CloudWatch',
    what: 'publishes to an alarm’s topic when its metric passes the threshold',
    async show(config) {
      const [client, sns, queue] = [new CloudWatchClient(config), new SNSClient(config), await makeQueue(config)];
      const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name() }));
      const Attributes = { RawMessageDelivery: 'true' };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes }));
      const [Namespace, MetricName] = [name(), 'errors'];
      await client.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: name(), Namespace, MetricName, Statistic: 'Sum', Period: 10, EvaluationPeriods: 1 },
          ...{ Threshold: 1, ComparisonOperator: 'GreaterThanThreshold', AlarmActions: [TopicArn] },
        }),
      );
      const text = await eventually(
        'nothing was published',
        async () => {
          await client.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Value: 5, StorageResolution: 1 }] }));
          return queue.received();
        },
        ALARM_WAIT_SECONDS,
      );
      const { NewStateValue } = JSON.parse(text) as { NewStateValue?: string };
      must(NewStateValue === 'ALARM', `it published ${NewStateValue}`);
    },
  },
];
