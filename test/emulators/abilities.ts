/** What services of AWS can do, each shown by a few calls through the SDK: on the local cloud with either emulator, and on LocalStack alone. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricDataCommand, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DynamoDBClient, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import {
  type ClientConfig,
  eventually,
  makeFunction,
  makeQueue,
  makeRole,
  must,
  name,
  refusal,
  runMachine,
  WAIT_SECONDS,
} from './calls.ts';

export interface Ability {
  readonly service: string;
  readonly what: string;
  /** Rejects when the service cannot do it. */
  show(config: ClientConfig): Promise<void>;
}

const THROWS = 'export const handler = async () => { throw Object.assign(new Error("none left"), { name: "OutOfStock" }); };';

export const ABILITIES: readonly Ability[] = [
  {
    service: 'DynamoDB',
    what: 'refuses a write whose condition is false',
    async show(config) {
      const client = new DynamoDBClient(config);
      const TableName = name();
      const KeySchema = [{ AttributeName: 'k', KeyType: 'HASH' as const }];
      const AttributeDefinitions = [{ AttributeName: 'k', AttributeType: 'S' as const }];
      await client.send(new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', KeySchema, AttributeDefinitions }));
      await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1, maxDelay: 1 }, { TableName });
      const put = () =>
        client.send(new PutItemCommand({ TableName, Item: { k: { S: 'x' } }, ConditionExpression: 'attribute_not_exists(k)' }));
      await put();
      must((await refusal(put())) === 'ConditionalCheckFailedException', 'another error');
    },
  },
  {
    service: 'S3',
    what: 'refuses to overwrite an object with If-None-Match',
    async show(config) {
      const client = new S3Client({ ...config, forcePathStyle: true });
      const Bucket = name();
      await client.send(new CreateBucketCommand({ Bucket }));
      const put = () => client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', IfNoneMatch: '*' }));
      await put();
      must((await refusal(put())) === 'PreconditionFailed', 'another error');
    },
  },
  {
    service: 'EventBridge',
    what: 'brings an event that a rule matches to its target',
    async show(config) {
      const client = new EventBridgeClient(config);
      const { arn, received } = await makeQueue(config);
      const [Name, Source] = [name(), name()];
      await client.send(
        new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [Source], detail: { kind: [{ prefix: 'o' }] } }) }),
      );
      await client.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn: arn }] }));
      const event = { Source, DetailType: 'something', Detail: JSON.stringify({ kind: 'order' }) };
      // A rule takes a moment until it matches.
      await eventually('nothing arrived', async () => {
        await client.send(new PutEventsCommand({ Entries: [event] }));
        return received();
      });
    },
  },
  {
    service: 'IAM',
    what: 'refuses a call that the caller’s role does not allow',
    async show(config) {
      const role = await makeRole(config, 'dynamodb:PutItem');
      const { Credentials } = await new STSClient(config).send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'someone' }));
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
      const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
      const KeySchema = [{ AttributeName: 'k', KeyType: 'HASH' as const }];
      const AttributeDefinitions = [{ AttributeName: 'k', AttributeType: 'S' as const }];
      const table = new CreateTableCommand({ TableName: name(), BillingMode: 'PAY_PER_REQUEST', KeySchema, AttributeDefinitions });
      must((await refusal(new DynamoDBClient({ ...config, credentials }).send(table))).startsWith('AccessDenied'), 'another error');
    },
  },
  {
    service: 'IAM',
    what: 'simulates a role’s policies',
    async show(config) {
      const { arn } = await makeRole(config, 'dynamodb:PutItem');
      const simulate = new SimulatePrincipalPolicyCommand({ PolicySourceArn: arn, ActionNames: ['dynamodb:PutItem', 'dynamodb:GetItem'] });
      const { EvaluationResults = [] } = await new IAMClient(config).send(simulate);
      const decisions = EvaluationResults.map(({ EvalDecision }) => EvalDecision).join(' ');
      must(decisions === 'allowed implicitDeny', `it says ${decisions}`);
    },
  },
  {
    service: 'Lambda',
    what: 'runs a Node function, and reports the error that it throws by its name (without Docker)',
    async show(config) {
      const { client, FunctionName } = await makeFunction(config, THROWS);
      const { Payload = [] } = await client.send(new InvokeCommand({ FunctionName }));
      must((JSON.parse(Buffer.from(Payload).toString()) as { errorType?: string }).errorType === 'OutOfStock', 'another name');
    },
  },
  {
    service: 'Step Functions',
    what: 'catches a function’s error by its name',
    async show(config) {
      const { arn } = await makeFunction(config, THROWS);
      const task = { Type: 'Task', Resource: arn, Catch: [{ ErrorEquals: ['OutOfStock'], Next: 'Caught' }], End: true };
      const output = await runMachine(config, { Try: task, Caught: { Type: 'Pass', Result: 'by name', End: true } });
      must(output === '"by name"', `it ended with ${output}`);
    },
  },
  {
    service: 'CloudFormation',
    what: 'refuses a stack with a type that it does not know, and reports nothing as created',
    async show(config) {
      const client = new CloudFormationClient(config);
      const StackName = name();
      const TemplateBody = JSON.stringify({ Resources: { Broker: { Type: 'AWS::AmazonMQ::Broker', Properties: {} } } });
      const made = await client.send(new CreateStackCommand({ StackName, TemplateBody })).catch(() => undefined);
      if (made === undefined) return;
      const status = await eventually('the stack was not ended', async () => {
        const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
        const now = Stacks?.[0]?.StackStatus ?? '';
        return now.endsWith('_IN_PROGRESS') ? undefined : now;
      });
      must(/FAILED|ROLLBACK/.test(status), `the stack is ${status}`);
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
    service: 'Elastic Load Balancing',
    what: 'makes a target group',
    show: async (config) =>
      void (await new ElasticLoadBalancingV2Client(config).send(
        new CreateTargetGroupCommand({ Name: name(), Protocol: 'HTTP', Port: 80, VpcId: 'vpc-00000000000000000', TargetType: 'instance' }),
      )),
  },
  {
    service: 'ElastiCache',
    what: 'lists replication groups',
    show: async (config) => void (await new ElastiCacheClient(config).send(new DescribeReplicationGroupsCommand({}))),
  },
  {
    service: 'Auto Scaling',
    what: 'lists groups',
    show: async (config) => void (await new AutoScalingClient(config).send(new DescribeAutoScalingGroupsCommand({}))),
  },
  {
    service: 'Systems Manager',
    what: 'lists commands',
    show: async (config) => void (await new SSMClient(config).send(new ListCommandsCommand({}))),
  },
];
