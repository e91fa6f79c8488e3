import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  type QueryCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { isAwsError } from './classify-aws-error.ts';
import { TransientServiceError } from './errors.ts';

/** A table that is asked for too much at once leaves keys out of its answer: 0.1 + 0.2 + 0.3 + 0.4 s of waiting. */
const MOST_LOOKS = 5;
const LOOK_STEP_MS = 100;

/** A record's keys, built in naming.ts only. */
export interface RecordKey {
  readonly pk: string;
  readonly sk: string;
}

/** Names and values of an expression, in DynamoDB's own notation. */
export type Expression = Pick<UpdateCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>;

/** The records table, as the adapters of records use it. */
export interface RecordsTable {
  /** Strongly consistent; without its keys. */
  get<T>(key: RecordKey): Promise<T | undefined>;
  /** Strongly consistent: those of at most 100 keys that are there, in no order. @throws TransientServiceError */
  getEach<T>(keys: readonly RecordKey[]): Promise<T[]>;
  /** Strongly consistent: every record of `pk` whose `sk` begins with `prefix`. */
  query<T>(pk: string, prefix: string): Promise<T[]>;
  /** As {@link query}, from the last key back, in pages of at most `pageSize` that are read as they are asked for. */
  queryBackwards<T>(pk: string, prefix: string, pageSize: number): AsyncIterable<T[]>;
  /** False when the condition fails. */
  put(key: RecordKey, item: object, condition?: Expression): Promise<boolean>;
  delete(key: RecordKey): Promise<void>;
  /** The record after the change; undefined when the condition fails. */
  update<T>(key: RecordKey, change: Expression & { readonly UpdateExpression: string }): Promise<T | undefined>;
}

/** @param client made with removeUndefinedValues, so that absent optional fields stay absent */
export function createRecordsTable(client: DynamoDBDocumentClient, tableName: string): RecordsTable {
  async function* pages<T>(pk: string, prefix: string, order: Pick<QueryCommandInput, 'ScanIndexForward' | 'Limit'>) {
    const found = paginateQuery(
      { client },
      {
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
        ...order,
      },
    );
    for await (const { Items = [] } of found) yield Items.map((item) => withoutKeys<T>(item));
  }

  return {
    async get<T>(key: RecordKey) {
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
      return Item && withoutKeys<T>(Item);
    },
    async getEach<T>(keys: readonly RecordKey[]) {
      const found: T[] = [];
      let left: readonly object[] = keys;
      for (let look = 0; left.length > 0; look += 1) {
        if (look === MOST_LOOKS) throw new TransientServiceError(new Error(`${left.length} of ${keys.length} records were not read`));
        await sleep(look * LOOK_STEP_MS);
        const RequestItems = { [tableName]: { Keys: [...left], ConsistentRead: true } };
        const { Responses, UnprocessedKeys } = await client.send(new BatchGetCommand({ RequestItems }));
        found.push(...(Responses?.[tableName] ?? []).map((item) => withoutKeys<T>(item)));
        left = UnprocessedKeys?.[tableName]?.Keys ?? [];
      }
      return found;
    },
    async query<T>(pk: string, prefix: string) {
      const found: T[] = [];
      for await (const page of pages<T>(pk, prefix, {})) found.push(...page);
      return found;
    },
    queryBackwards: (pk, prefix, pageSize) => pages(pk, prefix, { ScanIndexForward: false, Limit: pageSize }),
    async put(key, item, condition) {
      return (
        (await unlessRefused(client.send(new PutCommand({ TableName: tableName, Item: { ...item, ...key }, ...condition })))) !== undefined
      );
    },
    async delete(key) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: key }));
    },
    async update<T>(key: RecordKey, change: Expression & { readonly UpdateExpression: string }) {
      const reply = await unlessRefused(
        client.send(new UpdateCommand({ TableName: tableName, Key: key, ReturnValues: 'ALL_NEW', ...change })),
      );
      return reply?.Attributes && withoutKeys<T>(reply.Attributes);
    },
  };
}

function withoutKeys<T>(item: Record<string, unknown>): T {
  const { pk: _pk, sk: _sk, ...record } = item;
  return record as T;
}

/** A condition that fails is an answer, not an error. */
async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAwsError(error, 'ConditionalCheckFailedException')) return undefined;
    throw error;
  }
}

/** `SET` of the fields given, and the names and values that it uses. Fields that are undefined are left alone. */
export function setFields(fields: object, path: readonly string[] = []): Expression & { readonly UpdateExpression: string } {
  const names: Record<string, string> = Object.fromEntries(path.map((part, index) => [`#p${index}`, part]));
  const values: Record<string, unknown> = {};
  const prefix = path.map((_, index) => `#p${index}.`).join('');
  const sets = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([field, value], index) => {
      names[`#f${index}`] = field;
      values[`:f${index}`] = value;
      return `${prefix}#f${index} = :f${index}`;
    });
  return { UpdateExpression: `SET ${sets.join(', ')}`, ExpressionAttributeNames: names, ExpressionAttributeValues: values };
}
