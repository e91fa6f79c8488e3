/** Deploys that the lock's record names as open, for the reconciler to find. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { recordKeys, recordsTableName } from '../../functions/shared/naming.ts';
import { LOCAL_CREDENTIALS } from '../../local/local-account.ts';
import { cloud, kept } from './fleet.ts';

/**
 * `finished`: has its report, and is to be closed; `dead`: died before it had a record.
 * @returns its id
 */
export async function openDeploy(kind: 'finished' | 'dead'): Promise<string> {
  const deployId = `open-${kind}-${randomUUID()}`;
  if (kind === 'finished') {
    const record = { deployId, executionArn: 'arn:any', fleet: 'web', from: '1', to: '2', requestedBy: 'test', startedAtMs: 1 };
    await (await cloud()).records.createDeploy({ ...record, status: 'FAILED', stage: 'finished', targets: {} });
  }
  const { pk, sk } = recordKeys.lock('web');
  const client = new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: LOCAL_CREDENTIALS });
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
