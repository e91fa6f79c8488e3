/** DynamoDB, as far as the records use it: tables with the keys `pk` and `sk`, read consistently. */
import { AwsError } from '#local-aws/service/service.ts';
import type { Service } from '../seam/call.ts';
import { type Attribute, checkAttribute, type Item, invalid, textOf } from './attribute.ts';
import { type Condition, holds, parseCondition } from './condition.ts';
import { substitutesOf } from './substitutes.ts';
import { type KeyedItems, keyOf, SimulatedTable } from './table.ts';
import { type Action, applyUpdate, parseUpdate } from './update.ts';

interface Expressions {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Attribute>>;
}

interface QueryInput extends Expressions {
  readonly TableName: string;
  readonly ConsistentRead?: boolean;
  readonly KeyConditionExpression: string;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
}

type BatchGetInput = Readonly<Record<string, { readonly Keys: readonly Item[]; readonly ConsistentRead?: boolean }>>;

/** Keys that one BatchGetItem takes at most. */
const MOST_KEYS = 100;

export interface DynamoDbOptions {
  /** Items on a page of a Query without Limit: AWS ends a page at 1 MB. @default no end */
  readonly pageItems?: number;
  /** Whether this BatchGetItem leaves its last key unprocessed, as under throttling. @default never */
  readonly leavesUnprocessed?: () => boolean;
}

export interface SimulatedDynamoDb {
  readonly service: Service;
  /** For predicates: the item as it is, or undefined. */
  item(pk: string, sk: string): Item | undefined;
  /** For predicates: items of one partition, by their sort keys. */
  items(pk: string): readonly Item[];
}

const conditions = new Map<string, Condition>();
const updates = new Map<string, readonly Action[]>();

/** One table: an installation has no other. @param tableName another one is not found */
export function createDynamoDb(
  tableName: string,
  { pageItems = Number.POSITIVE_INFINITY, leavesUnprocessed = () => false }: DynamoDbOptions = {},
): SimulatedDynamoDb {
  const table = new SimulatedTable();
  const tableOf = (name: string): KeyedItems => {
    if (name !== tableName) throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    return table;
  };

  const operations = {
    GetItem({ TableName, Key, ConsistentRead: _consistent, ...rest }: { TableName: string; Key: Item; ConsistentRead?: boolean }) {
      refuseFields('GetItem', rest);
      const Item = tableOf(TableName).get(keyOf(Key));
      return Item === undefined ? {} : { Item };
    },
    PutItem({ TableName, Item, ...rest }: { TableName: string; Item: Item } & Expressions) {
      const { ConditionExpression, given, others } = readExpressions(rest);
      refuseFields('PutItem', others);
      Object.values(Item).forEach(checkAttribute);
      const items = tableOf(TableName);
      const key = keyOf(Item, false);
      check(ConditionExpression, items.get(key), given);
      items.put(key, Item);
      return {};
    },
    UpdateItem({
      TableName,
      Key,
      UpdateExpression,
      ReturnValues,
      ...rest
    }: { TableName: string; Key: Item; UpdateExpression: string; ReturnValues?: string } & Expressions) {
      const { ConditionExpression, given, others } = readExpressions(rest, UpdateExpression);
      refuseFields('UpdateItem', others);
      if (ReturnValues !== 'ALL_NEW') throw new Error(`the simulated UpdateItem has no ReturnValues ${ReturnValues}`);
      const items = tableOf(TableName);
      const key = keyOf(Key);
      const actions = parsedUpdate(UpdateExpression);
      const ofKey = actions.find(({ path }) => path[0] === 'pk' || path[0] === 'sk');
      if (ofKey)
        throw invalid(
          `One or more parameter values were invalid: Cannot update attribute ${ofKey.path[0]}. This attribute is part of the key`,
        );
      const before = items.get(key);
      check(ConditionExpression, before, given);
      const Attributes = applyUpdate(actions, before ?? Key, given);
      items.put(key, Attributes);
      return { Attributes };
    },
    DeleteItem({ TableName, Key, ...rest }: { TableName: string; Key: Item }) {
      refuseFields('DeleteItem', rest);
      tableOf(TableName).delete(keyOf(Key));
      return {};
    },
    Query({
      TableName,
      ConsistentRead: _consistent,
      KeyConditionExpression,
      ScanIndexForward = true,
      Limit,
      ExclusiveStartKey,
      ...rest
    }: QueryInput) {
      const { ConditionExpression, given, others } = readExpressions(rest, KeyConditionExpression);
      refuseFields('Query', { ...others, ...(ConditionExpression !== undefined && { ConditionExpression }) });
      const condition = parsedCondition(KeyConditionExpression, 'KeyConditionExpression');
      const partition = tableOf(TableName).partition(textOf(partitionOf(condition, given)));
      const ordered = ScanIndexForward ? partition : partition.toReversed();
      const from =
        ExclusiveStartKey === undefined ? 0 : 1 + ordered.findIndex((item) => item['sk']?.['S'] === ExclusiveStartKey['sk']?.['S']);
      const matching = ordered.slice(from).filter((item) => holds(condition, item, given));
      const most = Limit ?? pageItems;
      const Items = matching.slice(0, most);
      const last = Items.at(-1);
      // DynamoDB does not look beyond the page: there is a next one even when that will be empty.
      const next = last !== undefined && Items.length === most && { LastEvaluatedKey: { pk: last['pk'], sk: last['sk'] } };
      return { Items, Count: Items.length, ...next };
    },
    BatchGetItem({ RequestItems, ...rest }: { RequestItems: BatchGetInput }) {
      refuseFields('BatchGetItem', rest);
      const Responses: Record<string, Item[]> = {};
      const UnprocessedKeys: Record<string, { Keys: Item[]; ConsistentRead: boolean }> = {};
      for (const [name, { Keys, ConsistentRead = false, ...others }] of Object.entries(RequestItems)) {
        refuseFields('BatchGetItem', others);
        const items = tableOf(name);
        const keys = Keys.map((key) => keyOf(key));
        if (keys.length === 0 || keys.length > MOST_KEYS)
          throw invalid(`1 validation error detected: BatchGetItem takes 1 to ${MOST_KEYS} keys`);
        if (new Set(keys.map(({ pk, sk }) => `${pk}\n${sk}`)).size < keys.length)
          throw invalid('Provided list of item keys contains duplicates');
        const left = leavesUnprocessed() ? 1 : 0;
        // In no order: backwards, so that nothing relies on the order of the keys.
        Responses[name] = keys
          .slice(0, keys.length - left)
          .toReversed()
          .flatMap((key): Item[] => {
            const found = items.get(key);
            return found ? [found] : [];
          });
        if (left > 0) UnprocessedKeys[name] = { Keys: Keys.slice(-left), ConsistentRead };
      }
      return { Responses, UnprocessedKeys };
    },
  };
  return {
    service: operations as unknown as Service,
    item: (pk, sk) => table.get({ pk, sk }),
    items: (pk) => table.partition(pk),
  };
}

/** @throws AwsError ValidationException as DynamoDB, also for names and values that are given and not used */
function readExpressions<Rest extends object>(input: Rest & Expressions, main?: string) {
  const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues, ...others } = input;
  const given = substitutesOf(ExpressionAttributeNames, ExpressionAttributeValues, [main, ConditionExpression]);
  return { ConditionExpression, given, others };
}

function check(expression: string | undefined, item: Item | undefined, given: ReturnType<typeof substitutesOf>): void {
  if (expression === undefined || holds(parsedCondition(expression, 'ConditionExpression'), item ?? {}, given)) return;
  throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed');
}

/** The value that the condition wants `pk` to have. */
function partitionOf(condition: Condition, given: ReturnType<typeof substitutesOf>): Attribute {
  const parts = condition.kind === 'and' ? condition.all : [condition];
  for (const part of parts) {
    if (part.kind !== 'comparison' || part.comparator !== '=' || part.left.kind !== 'path' || part.right.kind !== 'value') continue;
    const value = given.values[part.right.name];
    if (part.left.path.join('.') === 'pk' && value !== undefined) return value;
  }
  throw invalid('Query condition missed key schema element: pk');
}

function parsedCondition(text: string, kind: string): Condition {
  const known = conditions.get(text) ?? parseCondition(text, kind);
  conditions.set(text, known);
  return known;
}

function parsedUpdate(text: string): readonly Action[] {
  const known = updates.get(text) ?? parseUpdate(text);
  updates.set(text, known);
  return known;
}

/** @throws Error for a field that the simulation lacks */
function refuseFields(operation: string, rest: object): void {
  const [field] = Object.keys(rest);
  if (field !== undefined) throw new Error(`the simulated ${operation} has no ${field}`);
}
