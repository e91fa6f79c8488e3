/** Plants a secret in each kind of place, so that a place that the search does not reach fails the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient, ListFunctionsCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, DescribeStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { recordKeys } from '../../../functions/records/keys.ts';
import { recordsTableName } from '../../../functions/shared/naming.ts';
import { RUN_MARK } from '../../../lab/processes/end-processes.ts';
import type { Secret } from '../../leaks/find-secrets.ts';
import { callJsonService } from '../call-json-service.ts';
import { cloud, currentVersion, groupInstances, kept, runOn } from '../fleet.ts';
import { PLACES, type Place } from './content.ts';
import { ROOT_CLIENT } from './root-client.ts';

export const kindIn = (place: Place): string => `planted in ${place}`;
const NAME = 'planted';

/** One secret per place. */
export const planted: readonly (Secret & { readonly place: Place })[] = PLACES.map((place) => ({
  place,
  kind: kindIn(place),
  value: randomBytes(16).toString('hex'),
}));
const valueIn = (place: Place): string => planted.find((one) => one.place === place)?.value as string;

type Client = { destroy(): void };
async function withClient<C extends Client>(client: C, work: (client: C) => Promise<unknown>): Promise<void> {
  await work(client);
  client.destroy();
}

/** A release of that version: the CLI lists it as text and as JSON, and so does the console. */
async function plantRelease(place: Place): Promise<void> {
  const { fleet } = await cloud();
  const TableName = recordsTableName('holdfast');
  const key = (version: string) => {
    const { pk, sk } = recordKeys.release(fleet, version);
    return { pk: { S: pk }, sk: { S: sk } };
  };
  await withClient(new DynamoDBClient(ROOT_CLIENT), async (client) => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: key(await currentVersion()) }));
    const version = `0.0.0-${valueIn(place)}`;
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, ...key(version), version: { S: version } } }));
  });
}

async function plantFunction(): Promise<void> {
  await withClient(new LambdaClient(ROOT_CLIENT), async (client) => {
    const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
    const FunctionName = Functions.find(
      ({ FunctionName: name }) => name?.endsWith('-empty-bucket') || name?.includes('empty'),
    )?.FunctionName;
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: valueIn('functions') }));
  });
}

async function plantExecution(): Promise<void> {
  await withClient(new SFNClient(ROOT_CLIENT), async (client) => {
    const { roleArn } = await client.send(new DescribeStateMachineCommand({ stateMachineArn: (await cloud()).deployStateMachineArn }));
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        name: NAME,
        roleArn,
        definition: JSON.stringify({ StartAt: 'End', States: { End: { Type: 'Pass', End: true } } }),
      }),
    );
    await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ cookie: valueIn('Step Functions') }) }));
  });
}

async function plantLog(): Promise<void> {
  const names = { logGroupName: NAME, logStreamName: NAME };
  await callJsonService('logs', 'Logs_20140328.CreateLogGroup', { logGroupName: NAME });
  await callJsonService('logs', 'Logs_20140328.CreateLogStream', names);
  const logEvents = [{ timestamp: Date.now(), message: `cookie: s%3A${valueIn('CloudWatch Logs')}.signature` }];
  await callJsonService('logs', 'Logs_20140328.PutLogEvents', { ...names, logEvents });
}

async function plantMetric(): Promise<void> {
  const Dimensions = [{ Name: 'SessionId', Value: valueIn('metrics and alarms') }];
  await withClient(new CloudWatchClient(ROOT_CLIENT), (client) =>
    client.send(new PutMetricDataCommand({ Namespace: NAME, MetricData: [{ MetricName: 'Count', Value: 1, Dimensions }] })),
  );
}

async function plantStack(): Promise<void> {
  const template = { Description: valueIn('stacks'), Resources: { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } } };
  await withClient(new CloudFormationClient(ROOT_CLIENT), (client) =>
    client.send(new CreateStackCommand({ StackName: NAME, TemplateBody: JSON.stringify(template) })),
  );
}

/** @returns a process with a secret in its command line, to be ended */
export async function plantSecrets(): Promise<ChildProcess> {
  const { releasesBucket } = await cloud();
  const environment = { ...process.env, [RUN_MARK]: path.basename(kept.runFolder) };
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600_000)', valueIn('command lines')], {
    env: environment,
    stdio: 'ignore',
  });
  writeFileSync(path.join(kept.runFolder, 'planted.txt'), Buffer.from(`user:${valueIn('run folder')}`).toString('base64'));
  await Promise.all([
    withClient(new DynamoDBClient(ROOT_CLIENT), (client) =>
      client.send(
        new PutItemCommand({
          TableName: recordsTableName('holdfast'),
          Item: { pk: { S: NAME }, sk: { S: NAME }, id: { S: valueIn('DynamoDB') } },
        }),
      ),
    ),
    withClient(new S3Client({ ...ROOT_CLIENT, forcePathStyle: true }), async (client) => {
      await client.send(new PutObjectCommand({ Bucket: releasesBucket, Key: NAME, Body: gzipSync(valueIn('S3')) }));
      // As an upload that was published: its version stays.
      await client.send(new DeleteObjectCommand({ Bucket: releasesBucket, Key: NAME }));
    }),
    withClient(new EventBridgeClient(ROOT_CLIENT), (client) =>
      client.send(
        new PutEventsCommand({ Entries: [{ Source: NAME, DetailType: NAME, Detail: JSON.stringify({ id: valueIn('events') }) }] }),
      ),
    ),
    plantLog(),
    plantMetric(),
    plantExecution(),
    plantFunction(),
    plantStack(),
    ...(['console', 'CLI as text', 'CLI as JSON'] as const).map(plantRelease),
    groupInstances().then(([one]) => runOn([one?.id as string], `echo ${valueIn('Run Command')}`)),
  ]);
  return child;
}
