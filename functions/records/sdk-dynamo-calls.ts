import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import type { DynamoCalls } from './dynamo-calls.ts';

/** DynamoDB on plain values, for functions. */
export const dynamoDocuments = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(CLIENT_OPTIONS), { marshallOptions: { removeUndefinedValues: true } });

/** @param client created with removeUndefinedValues, so that absent optional fields stay absent */
export const sdkDynamoCalls = (client: DynamoDBDocumentClient): DynamoCalls => ({
  get: (input) => client.send(new GetCommand(input)),
  batchGet: (input) => client.send(new BatchGetCommand(input)),
  query: (input) => client.send(new QueryCommand(input)),
  put: (input) => client.send(new PutCommand(input)),
  delete: (input) => client.send(new DeleteCommand(input)),
  update: (input) => client.send(new UpdateCommand(input)),
});
