/** An alarm starts a runbook, which reports: the whole way, once. */
import { createHash } from 'node:crypto';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, expect, it } from 'vitest';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { dynamoIncidentRecords } from '../../functions/incidents/records/dynamo-incident-records.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDocuments } from '../../functions/records/sdk-documents.ts';
import { recordsTableName, releasesBucketName, storeAlarmName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { cloud, kept } from './fleet.ts';

const AlarmName = storeAlarmName('holdfast', 'memory-percent');
const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const cloudWatch = new CloudWatchClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });
const Bucket = releasesBucketName('holdfast', '000000000000', kept.region);
const setState = (StateValue: 'ALARM' | 'OK') =>
  cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
const read = async (Key: string) => (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '';
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(client), { marshallOptions: { removeUndefinedValues: true } });
const incidents = dynamoIncidentRecords(createRecordsTable(sdkDocuments(dynamo), recordsTableName('holdfast')));

afterAll(async () => {
  await setState('OK');
  for (const one of [cloudWatch, s3, dynamo]) one.destroy();
});

it('an alarm that fires twice starts one runbook, whose report names its evidence by its hash', async () => {
  const before = Date.now();
  const incident: IncidentRecord = await withFault(
    // EventBridge delivers at least once.
    { on: 'event', match: { source: 'aws.cloudwatch', resource: `*${AlarmName}` }, when: { first: 1 }, effect: { kind: 'twice' } },
    async () => {
      await setState('ALARM');
      return until(
        async () => {
          const found = await incidents.latestIncidents(5);
          return found.find(({ openedAtMs, report, running }) => openedAtMs >= before - 1_000 && report && !running);
        },
        'the report of the incident',
        50_000,
      );
    },
  );
  expect(incident).toMatchObject({ runbook: 'session-explosion', runs: 1, stage: 'watching' });
  // CloudWatch can have evaluated it again meanwhile, and found it OK.
  expect(incident.signs.filter(({ state }) => state === 'ALARM')).toHaveLength(1);
  expect(incident.unsent).toBeUndefined();
  expect(incident.troubles).toBeUndefined();
  const { report } = incident as Required<IncidentRecord>;
  const evidence = await read(report.evidenceKey);
  expect(createHash('sha256').update(evidence).digest('hex')).toBe(report.evidenceSha256);
  expect(Object.keys(JSON.parse(evidence).sources)).toContain('deploys');
  expect(await read(report.markdownKey)).toContain(incident.incidentId);
  const { stepFunctions } = await cloud();
  const { executionArn } = incident;
  const status = async () => (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status;
  // It asks once after its report whether anything bridges an outage.
  await until(async () => (await status()) !== 'RUNNING', 'the end of the execution', 20_000);
  expect(await status()).toBe('SUCCEEDED');
});
