/** Runs one runbook as a person would, and reads what it found and from what. */
import { setTimeout as sleep } from 'node:timers/promises';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Cloud } from '../../cli/cloud.ts';
import type { Evidence } from '../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { incidentKey, runbookStateMachineName } from '../../functions/incidents/contract/names.ts';
import type { RunbookInput } from '../../functions/incidents/contract/steps.ts';
import { dynamoIncidentRecords } from '../../functions/incidents/records/dynamo-incident-records.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDocuments } from '../../functions/records/sdk-documents.ts';
import { recordsTableName } from '../../functions/shared/naming.ts';
import { waitUntil } from '../../local/aws/processes/wait.ts';

/** Each source has up to 75 s, and they run side by side; the rest takes seconds. */
const RUN_LIMIT_MS = 240_000;
const POLL_MS = 500;

export interface RunbookRun {
  readonly incident: IncidentRecord;
  readonly evidence: Evidence | undefined;
}

/** An alarm of the same kind may have started the runbook already: then another run steps aside, and is started again. */
const MOST_STARTS = 12;
const PAUSE_MS = 10_000;

/** @throws Error with a sentence when the execution fails, or leaves no incident on record */
export async function runRunbook(cloud: Cloud, input: Extract<RunbookInput, { runbook: unknown }>): Promise<RunbookRun> {
  for (let start = 0; start < MOST_STARTS; start += 1) {
    const incident = await runOnce(cloud, input);
    if (incident) return { incident, evidence: await readEvidence(cloud, incident) };
    await sleep(PAUSE_MS);
  }
  throw new Error(`${MOST_STARTS} executions stepped aside for another one`);
}

async function runOnce(cloud: Cloud, input: Extract<RunbookInput, { runbook: unknown }>): Promise<IncidentRecord | undefined> {
  const { region, account, installation, stepFunctions } = cloud;
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${runbookStateMachineName(installation)}`,
      input: JSON.stringify(input),
    }),
  );
  const ended = await waitUntil(
    `the runbook ${input.runbook}`,
    async () => {
      const now = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      return now.status !== 'RUNNING' && now;
    },
    { timeoutMs: RUN_LIMIT_MS, pollMs: POLL_MS },
  );
  if (ended.status !== 'SUCCEEDED')
    throw new Error(`its execution ended ${ended.status}: ${ended.error ?? ''} ${ended.cause?.slice(0, 300) ?? ''}`);
  return (await recordsOf(cloud).latestIncidents(10)).find((one) => one.executionArn === executionArn);
}

function recordsOf({ client, installation }: Cloud) {
  const documents = sdkDocuments(
    DynamoDBDocumentClient.from(new DynamoDBClient(client), { marshallOptions: { removeUndefinedValues: true } }),
  );
  return dynamoIncidentRecords(createRecordsTable(documents, recordsTableName(installation)));
}

async function readEvidence({ s3, releasesBucket }: Cloud, { incidentId, runs }: IncidentRecord): Promise<Evidence | undefined> {
  try {
    const Key = incidentKey(incidentId, runs, 'evidence.json');
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: releasesBucket, Key }));
    return JSON.parse((await Body?.transformToString()) ?? '') as Evidence;
  } catch {
    return undefined;
  }
}
