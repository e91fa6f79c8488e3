/** What an installation has left in the account, by kind: whatever bears its name. */

import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DeleteObjectsCommand, ListBucketsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ListDocumentsCommand } from '@aws-sdk/client-ssm';
import { kept, ssm } from '../fleet.ts';

const config = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const s3 = new S3Client({ ...config, forcePathStyle: true });

export async function leftoversOf(installation: string): Promise<Record<string, string[]>> {
  const [stacks, functions, machines, tables, rules, roles, buckets, queues, topics, documents, alarms] = await Promise.all([
    new CloudFormationClient(config).send(new ListStacksCommand({})),
    new LambdaClient(config).send(new ListFunctionsCommand({})),
    new SFNClient(config).send(new ListStateMachinesCommand({})),
    new DynamoDBClient(config).send(new ListTablesCommand({})),
    new EventBridgeClient(config).send(new ListRulesCommand({})),
    new IAMClient(config).send(new ListRolesCommand({ MaxItems: 1000 })),
    s3.send(new ListBucketsCommand({})),
    new SQSClient(config).send(new ListQueuesCommand({})),
    new SNSClient(config).send(new ListTopicsCommand({})),
    ssm.send(new ListDocumentsCommand({ Filters: [{ Key: 'Owner', Values: ['Self'] }] })),
    new CloudWatchClient(config).send(new DescribeAlarmsCommand({ MaxRecords: 100 })),
  ]);
  const named = (names: readonly (string | undefined)[] = []): string[] =>
    names.filter((name): name is string => name?.startsWith(`${installation}-`) === true);
  return {
    stacks: named(stacks.StackSummaries?.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map(({ StackName }) => StackName)),
    functions: named(functions.Functions?.map(({ FunctionName }) => FunctionName)),
    stateMachines: named(machines.stateMachines?.map(({ name }) => name)),
    tables: named(tables.TableNames),
    rules: named(rules.Rules?.map(({ Name }) => Name)),
    roles: named(roles.Roles?.map(({ RoleName }) => RoleName)),
    buckets: named(buckets.Buckets?.map(({ Name }) => Name)),
    queues: named(queues.QueueUrls?.map((url) => url.split('/').at(-1))),
    topics: named(topics.Topics?.map(({ TopicArn }) => TopicArn?.split(':').at(-1))),
    documents: named(documents.DocumentIdentifiers?.map(({ Name }) => Name)),
    alarms: named(alarms.MetricAlarms?.map(({ AlarmName }) => AlarmName)),
  };
}

/** S3 deletes a bucket only when nothing is in it, old versions included. */
export async function emptyBucket(Bucket: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
  if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
}
