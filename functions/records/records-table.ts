import { setTimeout as sleep } from 'node:timers/promises';
import { isAwsError } from '../shared/aws/classify-aws-error.ts';
import { TransientServiceError } from '../shared/errors.ts';
import type { DynamoCalls, Expression, Item, Query } from './dynamo-calls.ts';

/** A throttled BatchGetItem leaves keys unprocessed. Waits between the attempts: 0.1 + 0.2 + 0.3 + 0.4 s. */
const MAX_ATTEMPTS = 5;
const BACKOFF_STEP_MS = 100;

/** A record's key, built in keys.ts only. */
export interface RecordKey {
  readonly pk: string;
  readonly sk: string;
}

/** Records that one BatchGetItem returns at most. */
const MAX_BATCH = 100;

/** The records table, for the adapters of records. Reads are strongly consistent and return records without their keys. */
export interface RecordsTable {
  get<T>(key: RecordKey): Promise<T | undefined>;
  /** The existing records of at most 100 keys, in no order. @throws TransientServiceError */
  getEach<T>(keys: readonly RecordKey[]): Promise<T[]>;
  /** Every record of `pk` whose `sk` begins with `prefix`. */
  query<T>(pk: string, prefix: string): Promise<T[]>;
  /** The records of {@link query} in descending order of keys, in pages of at most `pageSize` that are read on demand. */
  queryBackwards<T>(pk: string, prefix: string, pageSize: number): AsyncIterable<T[]>;
  /** False when the condition fails. */
  put(key: RecordKey, item: object, condition?: Expression): Promise<boolean>;
  delete(key: RecordKey): Promise<void>;
  /** The record after the change; undefined when the condition fails. */
  update<T>(key: RecordKey, change: Change): Promise<T | undefined>;
}

export function createRecordsTable(dynamo: DynamoCalls, tableName: string): RecordsTable {
  async function* pages<T>(pk: string, prefix: string, order: Pick<Query, 'ScanIndexForward' | 'Limit'>) {
    let next: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await dynamo.query({
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
        ...order,
        ...(next && { ExclusiveStartKey: next }),
      });
      yield Items.map((item) => withoutKeys<T>(item));
      next = LastEvaluatedKey;
    } while (next);
  }

  return {
    async get<T>(key: RecordKey) {
      const { Item } = await dynamo.get({ TableName: tableName, Key: key, ConsistentRead: true });
      return Item && withoutKeys<T>(Item);
    },
    async getEach<T>(keys: readonly RecordKey[]) {
      const found: T[] = [];
      let left: readonly object[] = keys;
      for (let attempt = 0; left.length > 0; attempt += 1) {
        if (attempt === MAX_ATTEMPTS) throw new TransientServiceError(new Error(`${left.length} of ${keys.length} records were not read`));
        await sleep(attempt * BACKOFF_STEP_MS);
        const RequestItems = { [tableName]: { Keys: left.map((key) => ({ ...key })), ConsistentRead: true } };
        const { Responses, UnprocessedKeys } = await dynamo.batchGet({ RequestItems });
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
      return (await unlessRefused(dynamo.put({ TableName: tableName, Item: { ...item, ...key }, ...condition }))) !== undefined;
    },
    async delete(key) {
      await dynamo.delete({ TableName: tableName, Key: key });
    },
    async update<T>(key: RecordKey, change: Change) {
      const reply = await unlessRefused(dynamo.update({ TableName: tableName, Key: key, ReturnValues: 'ALL_NEW', ...change }));
      return reply?.Attributes && withoutKeys<T>(reply.Attributes);
    },
  };
}

/**
 * The `count` records that started last, latest first; no other is read. Their ids are random, so a start item next to each
 * record, whose key is in the order of time, refers to it. A start without a record is passed over.
 * @param starts what the keys of the start items begin with
 */
export async function readLatest<Start, T extends { readonly startedAtMs: number }>(
  table: Pick<RecordsTable, 'queryBackwards' | 'getEach'>,
  starts: RecordKey,
  keyOf: (start: Start) => RecordKey,
  count: number,
): Promise<T[]> {
  const found: T[] = [];
  // Two first attempts at once leave two starts of one record; BatchGetItem refuses a key that comes twice.
  const read = new Set<string>();
  for await (const page of table.queryBackwards<Start>(starts.pk, starts.sk, Math.min(count, MAX_BATCH))) {
    const keys = page.map(keyOf).filter(({ sk }) => !read.has(sk) && read.add(sk));
    found.push(...(await table.getEach<T>(keys)));
    if (found.length >= count) break;
  }
  return found.sort(latestFirst).slice(0, count);
}

export const latestFirst = (a: { readonly startedAtMs: number }, b: { readonly startedAtMs: number }): number =>
  b.startedAtMs - a.startedAtMs;

function withoutKeys<T>(item: Record<string, unknown>): T {
  const { pk: _pk, sk: _sk, ...record } = item;
  return record as T;
}

/** Undefined when the condition fails. */
async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAwsError(error, 'ConditionalCheckFailedException')) return undefined;
    throw error;
  }
}

export type Change = Expression & { readonly UpdateExpression: string };

/** A change that is made only where the condition holds. @param values that the condition names */
export const onlyIf = (change: Change, condition: string, values: object = {}): Change => ({
  ...change,
  ConditionExpression: condition,
  ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ...values },
});

/** A `SET` of the given fields, with the names and values that it uses. Undefined fields stay as they are. */
export function setFields(fields: object, path: readonly string[] = []): Change {
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
