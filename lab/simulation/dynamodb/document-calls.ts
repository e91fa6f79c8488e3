import type { DynamoCalls, Expression } from '../../../functions/records/dynamo-calls.ts';
import { type Attributes, fromAttributes, toAttributes } from './attribute-values.ts';

/** An operation of DynamoDB on typed attributes. @throws Error named by DynamoDB's error code */
export type SendTyped = <Output>(operation: string, input: object) => Promise<Output>;

interface Found {
  readonly Keys?: readonly Attributes[];
}

/** What the SDK's document client does: plain values on this side, typed attributes on the other. @param from converts what was found */
export function documentCalls(send: SendTyped, from: (attributes: Attributes) => Record<string, unknown> = fromAttributes): DynamoCalls {
  return {
    async get({ Key, ...rest }) {
      const { Item } = await send<{ Item?: Attributes }>('GetItem', { ...rest, Key: toAttributes(Key) });
      return Item ? { Item: from(Item) } : {};
    },
    async batchGet({ RequestItems }) {
      const tables = Object.entries(RequestItems).map(([table, { Keys, ...rest }]) => [table, { ...rest, Keys: Keys.map(toAttributes) }]);
      const reply = await send<{ Responses?: Record<string, Attributes[]>; UnprocessedKeys?: Record<string, Found> }>('BatchGetItem', {
        RequestItems: Object.fromEntries(tables),
      });
      return {
        Responses: mapValues(reply.Responses ?? {}, (items) => items.map(from)),
        UnprocessedKeys: mapValues(reply.UnprocessedKeys ?? {}, ({ Keys = [] }) => ({ Keys: Keys.map(from) })),
      };
    },
    async query({ ExclusiveStartKey, ...rest }) {
      const start = ExclusiveStartKey && { ExclusiveStartKey: toAttributes(ExclusiveStartKey) };
      const reply = await send<{ Items?: Attributes[]; LastEvaluatedKey?: Attributes }>('Query', { ...withValues(rest), ...start });
      return {
        Items: (reply.Items ?? []).map(from),
        ...(reply.LastEvaluatedKey && { LastEvaluatedKey: from(reply.LastEvaluatedKey) }),
      };
    },
    put: ({ Item, ...rest }) => send('PutItem', { ...withValues(rest), Item: toAttributes(Item) }),
    delete: ({ Key, ...rest }) => send('DeleteItem', { ...rest, Key: toAttributes(Key) }),
    async update({ Key, ...rest }) {
      const { Attributes } = await send<{ Attributes?: Attributes }>('UpdateItem', { ...withValues(rest), Key: toAttributes(Key) });
      return Attributes ? { Attributes: from(Attributes) } : {};
    },
  };
}

function withValues<Input extends Expression>({ ExpressionAttributeValues: values, ...rest }: Input): object {
  return values === undefined ? rest : { ...rest, ExpressionAttributeValues: toAttributes(values) };
}

const mapValues = <In, Out>(all: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name, change(value)]));
