/** Deploys that the lock's record names as open, for the reconciler to find. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { MAX_CLEAN_UPS } from '../../functions/deploy/contract/clean-up-steps.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { cleanUpStateMachineName, recordsTableName } from '../../functions/shared/naming.ts';
import { cloud, kept } from './fleet.ts';

/** Long forgotten by Step Functions. */
export const FORGOTTEN_EXECUTION = `arn:aws:states:${kept.region}:000000000000:execution:${cleanUpStateMachineName('holdfast', 'web')}:forgotten`;

const RECORDS = {
  finished: { status: 'FAILED', stage: 'finished' },
  'given-up': {
    status: 'RUNNING',
    stage: 'cleaning up',
    cleanUp: { executionArn: FORGOTTEN_EXECUTION, attempt: MAX_CLEAN_UPS, startedAtMs: 1 },
  },
} as const;

/** Has it on a deploy's record that the load balancer's metrics show its people; also of one that has finished. */
export async function lookByBalancer(deployId: string): Promise<void> {
  const { pk, sk } = recordKeys.deploy('web', deployId);
  const people = { source: { S: 'load balancer' }, servers: { N: '1' }, verdict: { S: 'planned' }, detail: { S: '' } };
  const client = new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  await client.send(
    new UpdateItemCommand({
      TableName: recordsTableName('holdfast'),
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: 'SET people = :people',
      ExpressionAttributeValues: { ':people': { M: people } },
    }),
  );
  client.destroy();
}

/**
 * `finished`: has its report, and is to be closed; `given-up`: its clean-up failed for the last time; `dead`: died before it
 * had a record.
 * @returns its id
 */
export async function openDeploy(kind: keyof typeof RECORDS | 'dead'): Promise<string> {
  const deployId = `open-${kind}-${randomUUID()}`;
  if (kind !== 'dead') {
    const record = { deployId, executionArn: FORGOTTEN_EXECUTION, fleet: 'web', from: '1', to: '2', requestedBy: 'test', startedAtMs: 1 };
    await (await cloud()).records.createDeploy({ ...record, ...RECORDS[kind], targets: {} });
  }
  const { pk, sk } = recordKeys.lock('web');
  const client = new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  await client.send(
    new UpdateItemCommand({
      TableName: recordsTableName('holdfast'),
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: 'ADD openDeploys :open',
      ExpressionAttributeValues: { ':open': { SS: [deployId] } },
    }),
  );
  client.destroy();
  return deployId;
}
