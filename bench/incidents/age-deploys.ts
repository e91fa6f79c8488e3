/** Dates the deploys that brought the fleet up back: users who are logged out right after a deploy are a cause of their own. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Cloud } from '../../cli/cloud.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDocuments } from '../../functions/records/sdk-documents.ts';
import { recordsTableName } from '../../functions/shared/naming.ts';

const MOST_DEPLOYS = 20;
/** Runbooks look at the deploys of the day before. */
const BACK_MS = 48 * 3_600_000;

export async function ageDeploys({ client, installation, fleet, records }: Cloud): Promise<void> {
  const documents = sdkDocuments(DynamoDBDocumentClient.from(new DynamoDBClient(client)));
  const table = createRecordsTable(documents, recordsTableName(installation));
  for (const { deployId, startedAtMs, finishedAtMs = startedAtMs } of await records.latestDeploys(fleet, MOST_DEPLOYS)) {
    await table.update(recordKeys.deploy(fleet, deployId), {
      UpdateExpression: 'SET startedAtMs = :started, finishedAtMs = :finished',
      ExpressionAttributeValues: { ':started': startedAtMs - BACK_MS, ':finished': finishedAtMs - BACK_MS },
    });
  }
}
