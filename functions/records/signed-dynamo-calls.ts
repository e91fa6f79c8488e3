import type { JsonService } from '../shared/aws/signed/json-service.ts';
import { type Attributes, fromAttributes, toAttributes } from './attribute-values.ts';
import type { DynamoCalls, Expression } from './dynamo-calls.ts';

/** In X-Amz-Target. */
export const DYNAMODB_TARGET = 'DynamoDB_20120810';

interface Found {
  readonly Keys?: readonly Attributes[];
}

/** {@link DynamoCalls} by signed calls, for functions. */
export function signedDynamoCalls(dynamo: JsonService): DynamoCalls {
  return {
    async get({ Key, ...rest }) {
      const { Item } = await dynamo<{ Item?: Attributes }>('GetItem', { ...rest, Key: toAttributes(Key) });
      return Item ? { Item: fromAttributes(Item) } : {};
    },
    async batchGet({ RequestItems }) {
      const tables = Object.entries(RequestItems).map(([table, { Keys, ...rest }]) => [table, { ...rest, Keys: Keys.map(toAttributes) }]);
      const reply = await dynamo<{ Responses?: Record<string, Attributes[]>; UnprocessedKeys?: Record<string, Found> }>('BatchGetItem', {
        RequestItems: Object.fromEntries(tables),
      });
      return {
        Responses: mapValues(reply.Responses ?? {}, (items) => items.map(fromAttributes)),
        UnprocessedKeys: mapValues(reply.UnprocessedKeys ?? {}, ({ Keys = [] }) => ({ Keys: Keys.map(fromAttributes) })),
      };
    },
    async query({ ExclusiveStartKey, ...rest }) {
      const start = ExclusiveStartKey && { ExclusiveStartKey: toAttributes(ExclusiveStartKey) };
      const reply = await dynamo<{ Items?: Attributes[]; LastEvaluatedKey?: Attributes }>('Query', { ...withValues(rest), ...start });
      return {
        Items: (reply.Items ?? []).map(fromAttributes),
        ...(reply.LastEvaluatedKey && { LastEvaluatedKey: fromAttributes(reply.LastEvaluatedKey) }),
      };
    },
    put: ({ Item, ...rest }) => dynamo('PutItem', { ...withValues(rest), Item: toAttributes(Item) }),
    delete: ({ Key, ...rest }) => dynamo('DeleteItem', { ...rest, Key: toAttributes(Key) }),
    async update({ Key, ...rest }) {
      const { Attributes } = await dynamo<{ Attributes?: Attributes }>('UpdateItem', { ...withValues(rest), Key: toAttributes(Key) });
      return Attributes ? { Attributes: fromAttributes(Attributes) } : {};
    },
  };
}

/** DynamoDB refuses values that are given and empty: they are absent instead. */
function withValues<Input extends Expression>({ ExpressionAttributeValues: values, ...rest }: Input): object {
  return values === undefined ? rest : { ...rest, ExpressionAttributeValues: toAttributes(values) };
}

const mapValues = <In, Out>(all: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name, change(value)]));
