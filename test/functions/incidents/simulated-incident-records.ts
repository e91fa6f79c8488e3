import { AwsError } from '#local-aws/service/service.ts';
import { dynamoIncidentRecords } from '../../../functions/incidents/records/dynamo-incident-records.ts';
import type { IncidentRecords } from '../../../functions/incidents/records/incident-records.ts';
import { createRecordsTable } from '../../../functions/records/records-table.ts';
import { documentCalls } from '../../../lab/simulation/dynamodb/document-calls.ts';
import { createDynamoDb } from '../../../lab/simulation/dynamodb/dynamodb.ts';

const TABLE = 'holdfast-records';

/** The adapter of functions on DynamoDB's expressions in memory; calls that are made at once take turns. @param calls gets each operation */
export function simulatedIncidentRecords(calls: string[] = []): IncidentRecords {
  const { service } = createDynamoDb(TABLE);
  const send = async <Output>(operation: string, input: object) => {
    calls.push(operation);
    await Promise.resolve();
    try {
      return service[operation]?.(input as never) as Output;
    } catch (error) {
      if (error instanceof AwsError) throw Object.assign(new Error(error.message), { name: error.code });
      throw error;
    }
  };
  return dynamoIncidentRecords(createRecordsTable(documentCalls(send), TABLE));
}
