/** A published release whose record names a wrong checksum: no instance installs it. */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { recordKeys } from '../../functions/records/keys.ts';
import { recordsTableName } from '../../functions/shared/naming.ts';
import { cloud, kept } from './fleet.ts';

export const WRONG_SHA256 = 'f'.repeat(64);

/** Spoils it, and gives what repairs it. @returns the right sum, and the way back */
export async function spoilRelease(version: string): Promise<{ sha256: string; repair: () => Promise<void> }> {
  const sha256 = (await (await cloud()).records.getRelease('web', version))?.sha256 as string;
  await setSha256(version, WRONG_SHA256);
  return { sha256, repair: () => setSha256(version, sha256) };
}

async function setSha256(version: string, sha256: string): Promise<void> {
  const { pk, sk } = recordKeys.release('web', version);
  const client = new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  await client.send(
    new UpdateItemCommand({
      TableName: recordsTableName('holdfast'),
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: 'SET sha256 = :sum',
      ExpressionAttributeValues: { ':sum': { S: sha256 } },
    }),
  );
  client.destroy();
}
