import { describe, expect, it } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { dynamoStoreRecords } from '../../../functions/collect/store-records.ts';
import { dynamoRecords } from '../../../functions/records/dynamo-records.ts';
import { createRecordsTable } from '../../../functions/records/records-table.ts';
import { dynamoSweepRecords } from '../../../functions/sweep/sweep-records.ts';
import { describeStoreRecords } from '../../../test/functions/collect/store-records-conformance.ts';
import { describePauses } from '../../../test/functions/records/pause-conformance.ts';
import { describeRecords } from '../../../test/functions/records/records-conformance.ts';
import { describeSweepRecords } from '../../../test/functions/sweep/sweep-records-conformance.ts';
import { documentCalls } from './document-calls.ts';
import { createDynamoDb, type DynamoDbOptions } from './dynamodb.ts';

const TABLE = 'records';

/** The functions' adapter on the simulated table. */
function documents(options: DynamoDbOptions = {}) {
  const { service } = createDynamoDb(TABLE, options);
  return documentCalls(async <Output>(operation: string, input: object) => {
    try {
      const output = service[operation]?.(JSON.parse(JSON.stringify(input)) as never);
      return JSON.parse(JSON.stringify(output)) as Output;
    } catch (error) {
      throw error instanceof AwsError ? Object.assign(new Error(error.message), { name: error.code }) : error;
    }
  });
}

for (const [name, options] of [
  ['simulated DynamoDB', {}],
  ['simulated DynamoDB with small pages', { pageItems: 1 }],
] as const) {
  describeRecords(name, () => dynamoRecords(documents(options), TABLE));
  describePauses(name, () => dynamoRecords(documents(options), TABLE));
  describeSweepRecords(name, async () => dynamoSweepRecords(createRecordsTable(documents(options), TABLE)));
  describeStoreRecords(name, async () => dynamoStoreRecords(createRecordsTable(documents(options), TABLE)));
}

it('finds deploys by what their ids begin with, by one query however many there are, and reads the targets of one only', async () => {
  const dynamo = documents();
  let queries = 0;
  const counted: typeof dynamo = {
    ...dynamo,
    query(input) {
      queries += 1;
      return dynamo.query(input);
    },
  };
  const records = dynamoRecords(counted, TABLE);
  for (const deployId of ['a1', 'a2', 'b1']) {
    const deploy = { fleet: 'web', deployId, executionArn: deployId, from: '1', to: '2', requestedBy: 'ann', startedAtMs: 1 } as const;
    const targets = { 'i-1': { phase: 'waiting', order: 0, fromVersion: '1', phaseStartedAtMs: 1 } } as const;
    await records.createDeploy({ ...deploy, status: 'RUNNING', stage: 'planning', targets });
  }
  expect(await records.findDeploys('web', 'a')).toMatchObject([{ deployId: 'a1' }, { deployId: 'a2' }]);
  expect(queries).toBe(1);
  expect(await records.findDeploys('web', 'b')).toMatchObject([{ deployId: 'b1', targets: { 'i-1': { phase: 'waiting' } } }]);
});

const KEY = { pk: 'a', sk: 'b' };
const update = (UpdateExpression: string, ExpressionAttributeValues?: Record<string, unknown>, more: object = {}) =>
  [UpdateExpression, ExpressionAttributeValues, more] as const;

/** The item after the last of the updates. */
async function itemAfter(...updates: ReturnType<typeof update>[]): Promise<unknown> {
  const table = documents();
  let found: object | undefined;
  for (const [UpdateExpression, ExpressionAttributeValues, more] of updates) {
    const input = { TableName: TABLE, Key: KEY, UpdateExpression, ReturnValues: 'ALL_NEW' as const, ...more };
    found = (await table.update(ExpressionAttributeValues ? { ...input, ExpressionAttributeValues } : input)).Attributes;
  }
  return found;
}

describe('updates', () => {
  it('reads every value as it was before', async () => {
    expect(await itemAfter(update('SET a = :one, c = :two', { ':one': 1, ':two': 2 }), update('SET a = c, c = a'))).toEqual({
      ...KEY,
      a: 2,
      c: 1,
    });
  });

  it('adds to numbers and sets, and removes a set that becomes empty', async () => {
    const values = { ':n': 2, ':s': new Set(['x']) };
    expect(await itemAfter(update('ADD n :n, s :s', values), update('ADD n :n, s :s', values))).toEqual({
      ...KEY,
      n: 4,
      s: new Set(['x']),
    });
    expect(await itemAfter(update('ADD s :s', { ':s': new Set(['x']) }), update('DELETE s :s', { ':s': new Set(['x']) }))).toEqual(KEY);
  });

  it('writes into maps and lists', async () => {
    expect(
      await itemAfter(
        update('SET m = :m', { ':m': { list: [1, 2], gone: true } }),
        update('SET m.list[1] = :x, m.list[9] = :x, m.n = m.list[0] + :x REMOVE m.gone', { ':x': 5 }),
      ),
    ).toEqual({ ...KEY, m: { list: [1, 5, 5], n: 6 } });
  });

  it.each<[string, ReturnType<typeof update>, string]>([
    ['a path whose parent is missing', update('SET a.b = :x', { ':x': 1 }), 'document path provided in the update expression is invalid'],
    ['a removal whose parent is missing', update('REMOVE a.b'), 'document path provided in the update expression is invalid'],
    ['paths that overlap', update('SET a = :x, a.b = :x', { ':x': 1 }), 'Two document paths overlap'],
    ['a path twice', update('SET a = :x REMOVE a', { ':x': 1 }), 'Two document paths overlap'],
    ['an empty set', update('ADD a :x', { ':x': new Set() }), 'may not be empty'],
    ['a key', update('SET sk = :x', { ':x': 'c' }), 'part of the key'],
    ['an unused value', update('SET a = :x', { ':x': 1, ':y': 1 }), 'unused in expressions: keys: {:y}'],
    ['a missing value', update('SET a = :x'), 'attribute value: :x'],
    ['a missing name', update('SET #a = :x', { ':x': 1 }), 'attribute name: #a'],
    ['no action', update('SET '), 'Syntax error'],
    ['an unknown function', update('SET a = concat(:x)', { ':x': 1 }), 'concat'],
    ['an unknown condition', update('SET a = :x', { ':x': 1 }, { ConditionExpression: 'attribute_type(a, :x)' }), 'attribute_type'],
    ['an attribute that is not there', update('SET a = b'), 'does not exist in the item'],
    ['a set of another type', update('ADD a :x', { ':x': 'text' }), 'Incorrect operand type'],
    ['a clause twice', update('SET a = :x SET b = :x', { ':x': 1 }), 'can only be used once'],
  ])('refuses %s', async (_, refused, message) => {
    await expect(itemAfter(refused)).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
  });
});

describe('conditions', () => {
  const item = { n: 5, s: 'text', set: new Set(['x', 'y']), list: [1, 'b'], map: { inner: 'z' } };
  const values = { ':n': 5, ':less': 4, ':more': 6, ':text': 'tex', ':x': 'x', ':b': 'b' };

  it.each([
    ['n = :n', true],
    ['n <> :n', false],
    ['missing <> :n', true],
    ['missing = :n', false],
    ['missing <= :n', false],
    ['NOT missing = :n', true],
    ['n < :text', false],
    ['n BETWEEN :less AND :more', true],
    ['n BETWEEN :more AND :less', false],
    ['n IN (:less, :n)', true],
    ['begins_with(s, :text)', true],
    ['contains(s, :x)', true],
    ['contains(set, :x) AND NOT contains(set, :b)', true],
    ['contains(list, :b)', true],
    ['size(list) < :less', true],
    ['size(missing) < :less', false],
    ['attribute_exists(map.inner) AND attribute_not_exists(map.outer)', true],
    ['n = :less OR n = :n AND s = :text', false],
    ['(n = :less OR n = :n) AND attribute_exists(s)', true],
    ['n = :n or attribute_exists(missing)', true],
  ])('%s is %s', async (ConditionExpression, expected) => {
    const table = documents();
    await table.put({ TableName: TABLE, Item: { ...KEY, ...item } });
    const used = Object.fromEntries(Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(ConditionExpression)));
    const written = table.put({
      TableName: TABLE,
      Item: { ...KEY, ...item },
      ConditionExpression,
      ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }),
    });
    await expect(
      written.then(
        () => true,
        ({ name }: Error) => name,
      ),
    ).resolves.toBe(expected || 'ConditionalCheckFailedException');
  });
});

it('reads keys that a throttled batch left', async () => {
  let turn = 0;
  const isThrottled = () => {
    turn += 1;
    return turn < 3;
  };
  const table = createRecordsTable(documents({ leavesUnprocessed: () => isThrottled() }), TABLE);
  const keys = ['1', '2', '3'].map((sk) => ({ pk: 'a', sk }));
  for (const key of keys) await table.put(key, { of: key.sk });
  expect((await table.getEach<{ of: string }>(keys)).map((one) => one.of).sort()).toEqual(['1', '2', '3']);
});

it('refuses a field that it does not know', () => {
  const { service } = createDynamoDb(TABLE);
  const input = { TableName: TABLE, Key: { pk: { S: 'a' }, sk: { S: 'b' } }, ProjectionExpression: 'a' };
  expect(() => service['GetItem']?.(input as never)).toThrow('GetItem has no ProjectionExpression');
});
