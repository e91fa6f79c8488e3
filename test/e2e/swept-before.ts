import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { recordKeys } from '../../functions/records/keys.ts';
import { recordsTableName } from '../../functions/shared/naming.ts';
import { LOCAL_CREDENTIALS } from '../../local/aws/local-account.ts';
import { kept } from './fleet.ts';

/** What sweeps of another scenario found is not in the store any more, and none of them is to cool down. */
export async function forgetSweeps(): Promise<void> {
  const client = new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: LOCAL_CREDENTIALS });
  for (const { pk, sk } of [recordKeys.dialectShares(), recordKeys.lastSweep(), recordKeys.ttlBaseline()])
    await client.send(new DeleteItemCommand({ TableName: recordsTableName('holdfast'), Key: { pk: { S: pk }, sk: { S: sk } } }));
  client.destroy();
}
