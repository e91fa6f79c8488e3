import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { recordKeys } from '../../functions/records/keys.ts';
import { recordsTableName } from '../../functions/shared/naming.ts';
import { kept } from './fleet.ts';

/** What sweeps of another scenario found is not in the store any more, and none of them is to cool down. */
export const forgetSweeps = () => forget(recordKeys.dialectShares(), recordKeys.lastSweep(), recordKeys.ttlBaseline());

/** The last sweep is not to cool down. */
export const forgetLastStart = () => forget(recordKeys.lastSweep());

async function forget(...records: readonly { readonly pk: string; readonly sk: string }[]): Promise<void> {
  const client = new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  for (const { pk, sk } of records)
    await client.send(new DeleteItemCommand({ TableName: recordsTableName('holdfast'), Key: { pk: { S: pk }, sk: { S: sk } } }));
  client.destroy();
}
