import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Cloud } from '../../../cli/cloud.ts';
import { createRecordsTable, type RecordsTable } from '../../../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../../../functions/records/sdk-dynamo-calls.ts';
import { recordsTableName } from '../../../functions/shared/naming.ts';

/** The installation's records, to date what no adapter may change. */
export const recordsTableOf = ({ client, installation }: Cloud): RecordsTable =>
  createRecordsTable(sdkDynamoCalls(DynamoDBDocumentClient.from(new DynamoDBClient(client))), recordsTableName(installation));
