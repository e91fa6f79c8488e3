/** Cases for permissions that several roles have: what each is for, and the nearest call that it must not allow. */
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { BatchGetCommand, DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { clientsOf } from './clients-of.ts';

/** What is there to be called. */
export interface Place {
  readonly instanceId: string;
  /** ARN of the queue of events that were not handled. */
  readonly queueArn: string;
  readonly targetGroupArn: string;
  readonly listenerArn: string;
  /** ARN of the listener's default rule, which no incident created. */
  readonly ruleArn: string;
}

/** IAM itself is asked where a call that is allowed would start, send or delete something. */
interface Asked {
  readonly resource: string | ((place: Place) => string);
  readonly context?: Readonly<Record<string, string>>;
}
export type Call = (as: ReturnType<typeof clientsOf>, place: Place) => Promise<unknown>;
export type Try = Call | Asked;

/** A call that is allowed may fail for another reason: it changes nothing. */
export interface StatementCase {
  readonly within: Try;
  readonly beyond: Try;
}

export const HERE = 'us-east-1:000000000000';
const RECORDS = 'holdfast-records';
const BUCKET = 'holdfast-releases-000000000000-us-east-1';
export const OTHER_FLEET = 'FLEET#other';

const sk = 'NONE';
const unless = { ConditionExpression: 'attribute_exists(pk)' };
const ON_RECORDS = {
  Get: (pk: string) => (as) => as.table.send(new GetCommand({ TableName: RECORDS, Key: { pk, sk } })),
  Put: (pk: string) => (as) => as.table.send(new PutCommand({ TableName: RECORDS, Item: { pk, sk }, ...unless })),
  Delete: (pk: string) => (as) => as.table.send(new DeleteCommand({ TableName: RECORDS, Key: { pk, sk }, ...unless })),
  Update: (pk: string) => (as) =>
    as.table.send(new UpdateCommand({ TableName: RECORDS, Key: { pk, sk }, UpdateExpression: 'REMOVE anything', ...unless })),
  BatchGet: (pk: string) => (as) => as.table.send(new BatchGetCommand({ RequestItems: { [RECORDS]: { Keys: [{ pk, sk }] } } })),
  Query: (pk: string) => (as) =>
    as.table.send(
      new QueryCommand({ TableName: RECORDS, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk }, Limit: 1 }),
    ),
} satisfies Record<string, (pk: string) => Call>;
type OnRecords = keyof typeof ON_RECORDS;

/** @param beyond the partition key that lies closest, and that no statement of the role allows for these */
export const records = (pk: string, beyond: string, ...operations: OnRecords[]): Record<string, StatementCase> =>
  Object.fromEntries(
    operations.map((operation) => {
      const action = operation === 'Query' ? operation : `${operation}Item`;
      const call = ON_RECORDS[operation];
      return [`dynamodb:${action} table/${RECORDS} of ${pk}`, { within: call(pk), beyond: call(beyond) }];
    }),
  );

const putObject =
  (Key: string): Call =>
  (as) =>
    as.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'a test' }));
const getObject =
  (Key: string): Call =>
  (as) =>
    as.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
const OWN_OBJECT = '_incidents/inc-000000000000/1/test.json';
export const putObjects: Record<string, StatementCase> = {
  's3:PutObject releases/_incidents/*': { within: putObject(OWN_OBJECT), beyond: putObject('web/1.0.0/test.json') },
};
/** After {@link putObjects}: S3 says of an object that does not exist that it is not allowed. */
export const objects: Record<string, StatementCase> = {
  ...putObjects,
  's3:GetObject releases/_incidents/*': { within: getObject(OWN_OBJECT), beyond: getObject('web/1.0.0/release.tar.gz') },
};

export const publish: Record<string, StatementCase> = {
  'sns:Publish holdfast-alarms': {
    within: { resource: `arn:aws:sns:${HERE}:holdfast-alarms` },
    beyond: { resource: `arn:aws:sns:${HERE}:holdfast-web-deploys` },
  },
};
export const starting = (machine: string, beyond: string): Record<string, StatementCase> => ({
  [`states:StartExecution stateMachine:${machine}`]: {
    within: { resource: `arn:aws:states:${HERE}:stateMachine:${machine}` },
    beyond: { resource: `arn:aws:states:${HERE}:stateMachine:${beyond}` },
  },
});
const ON_EXECUTIONS = {
  Describe: (executionArn: string) => (as) => as.stepFunctions.send(new DescribeExecutionCommand({ executionArn })),
  Stop: (executionArn: string) => (as) => as.stepFunctions.send(new StopExecutionCommand({ executionArn })),
} satisfies Record<string, (executionArn: string) => Call>;
export const executions = (action: keyof typeof ON_EXECUTIONS, machine: string, beyond: string): Record<string, StatementCase> => {
  const call = (name: string) => ON_EXECUTIONS[action](`arn:aws:states:${HERE}:execution:${name}:none`);
  return { [`states:${action}Execution execution:${machine}:*`]: { within: call(machine), beyond: call(beyond) } };
};
