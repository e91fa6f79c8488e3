import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { DynamoCalls } from './dynamo-calls.ts';

/**
 * {@link DynamoCalls} by the SDK, for commands: people's credentials come from profiles, SSO and the like.
 * @param client created with removeUndefinedValues, so that absent optional fields stay absent
 */
export const sdkDynamoCalls = (client: DynamoDBDocumentClient): DynamoCalls => ({
  get: (input) => client.send(new GetCommand(input)),
  batchGet: (input) => client.send(new BatchGetCommand(input)),
  query: (input) => client.send(new QueryCommand(input)),
  put: (input) => client.send(new PutCommand(input)),
  delete: (input) => client.send(new DeleteCommand(input)),
  update: (input) => client.send(new UpdateCommand(input)),
});
