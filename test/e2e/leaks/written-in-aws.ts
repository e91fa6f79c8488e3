/** What a run wrote to the services of the kept cloud. */
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  GetTemplateCommand,
  paginateDescribeStacks,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  GetDashboardCommand,
  ListDashboardsCommand,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { paginateListCommandInvocations, paginateListCommands, SSMClient } from '@aws-sdk/client-ssm';
import { callJsonService } from '../call-json-service.ts';
import type { Content, Contents, Place } from './content.ts';
import { ROOT_CLIENT } from './root-client.ts';

/** The most that FilterLogEvents gives at once. */
const LOG_PAGE = 10_000;

const item = (place: Place, name: string | undefined, value: unknown): Content => ({
  place,
  name: name ?? '',
  content: JSON.stringify(value) ?? '',
});

async function* tables(): Contents {
  const client = new DynamoDBClient(ROOT_CLIENT);
  for (const TableName of (await client.send(new ListTablesCommand({}))).TableNames ?? [])
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
      for (const record of Items) yield item('DynamoDB', `${TableName} ${record['pk']?.S} ${record['sk']?.S}`, record);
  client.destroy();
}

async function* objects(): Contents {
  const client = new S3Client({ ...ROOT_CLIENT, forcePathStyle: true });
  for (const { Name: Bucket } of (await client.send(new ListBucketsCommand({}))).Buckets ?? [])
    for await (const { Key, VersionId } of versionsIn(client, Bucket as string)) {
      const { Body, Metadata } = await client.send(
        new GetObjectCommand({ Bucket, Key, ...(VersionId && VersionId !== 'null' && { VersionId }) }),
      );
      yield item('S3', `${Bucket}/${Key}`, Metadata);
      yield { place: 'S3', name: `${Bucket}/${Key}`, content: (await Body?.transformToByteArray()) ?? '' };
    }
  client.destroy();
}

/** Those of deleted and replaced objects too. */
async function* versionsIn(client: S3Client, Bucket: string): AsyncGenerator<ObjectVersion> {
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (from) {
    const page: ListObjectVersionsCommandOutput = await client.send(new ListObjectVersionsCommand({ Bucket, ...from }));
    yield* page.Versions ?? [];
    from = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
}

const callLogs = <T>(operation: string, body: object) => callJsonService<T>('logs', `Logs_20140328.${operation}`, body);

async function* logs(): Contents {
  let nextToken: string | undefined;
  do {
    const page = await callLogs<{ logGroups: { logGroupName: string }[]; nextToken?: string }>(
      'DescribeLogGroups',
      nextToken ? { nextToken } : {},
    );
    for (const { logGroupName } of page.logGroups) yield* logEvents(logGroupName);
    nextToken = page.nextToken;
  } while (nextToken);
}

/** By time: the emulator's FilterLogEvents cuts off at its limit and gives no token. */
async function* logEvents(logGroupName: string): Contents {
  let startTime = 0;
  for (;;) {
    const { events } = await callLogs<{ events: { timestamp: number }[] }>('FilterLogEvents', { logGroupName, startTime, limit: LOG_PAGE });
    yield item('CloudWatch Logs', logGroupName, events);
    if (events.length < LOG_PAGE) return;
    const last = events.at(-1)?.timestamp as number;
    if (last === startTime) throw new Error(`${logGroupName} has more than ${LOG_PAGE} events of one millisecond`);
    startTime = last;
  }
}

async function* metrics(): Contents {
  const client = new CloudWatchClient(ROOT_CLIENT);
  const place = 'metrics and alarms';
  for await (const { Metrics } of paginateListMetrics({ client }, {})) yield item(place, 'metrics', Metrics);
  for await (const { MetricAlarms } of paginateDescribeAlarms({ client }, {})) yield item(place, 'alarms', MetricAlarms);
  for await (const { AlarmHistoryItems } of paginateDescribeAlarmHistory({ client }, {}))
    yield item(place, 'history of alarms', AlarmHistoryItems);
  for (const { DashboardName } of (await client.send(new ListDashboardsCommand({}))).DashboardEntries ?? [])
    yield item(place, DashboardName, (await client.send(new GetDashboardCommand({ DashboardName }))).DashboardBody);
  client.destroy();
}

async function* executions(): Contents {
  const client = new SFNClient(ROOT_CLIENT);
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {}))
    for (const { stateMachineArn, name } of stateMachines)
      for await (const { executions: page = [] } of paginateListExecutions({ client }, { stateMachineArn }))
        for (const { executionArn } of page) {
          const { input, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
          yield item('Step Functions', name, { input, output, error, cause });
          for await (const { events } of paginateGetExecutionHistory({ client }, { executionArn, maxResults: 1_000 }))
            yield item('Step Functions', name, events);
        }
  client.destroy();
}

async function* commands(): Contents {
  const client = new SSMClient(ROOT_CLIENT);
  for await (const { Commands } of paginateListCommands({ client }, {})) yield item('Run Command', 'parameters', Commands);
  for await (const { CommandInvocations } of paginateListCommandInvocations({ client }, { Details: true }))
    yield item('Run Command', 'output', CommandInvocations);
  client.destroy();
}

async function* functions(): Contents {
  const client = new LambdaClient(ROOT_CLIENT);
  for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
    for (const one of Functions) yield item('functions', one.FunctionName, one);
  client.destroy();
}

async function* stacks(): Contents {
  const client = new CloudFormationClient(ROOT_CLIENT);
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {}))
    for (const stack of Stacks) {
      const { StackName } = stack;
      yield item('stacks', StackName, stack);
      yield item('stacks', StackName, (await client.send(new GetTemplateCommand({ StackName }))).TemplateBody);
      yield item('stacks', StackName, (await client.send(new DescribeStackEventsCommand({ StackName }))).StackEvents);
    }
  client.destroy();
}

export async function* writtenInAws(): Contents {
  for (const read of [tables, objects, logs, metrics, executions, commands, functions, stacks]) yield* read();
}
