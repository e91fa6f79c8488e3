import type { DynamoCalls } from '../../../functions/records/dynamo-calls.ts';
import { type Attributes, fromAttributes } from '../dynamodb/attribute-values.ts';
import { documentCalls, type SendTyped } from '../dynamodb/document-calls.ts';

/** `GetCommand` of the SDK's document client: `get`. */
export function sendDocument(send: SendTyped, command: string, input: object): Promise<object> {
  const name = (command[0] ?? '').toLowerCase() + command.slice(1).replace(/Command$/, '');
  const call = documentCalls(send, convertOnce)[name as keyof DynamoCalls] as ((input: object) => Promise<object>) | undefined;
  if (call === undefined) throw new Error(`the simulated document client has no ${command}`);
  return call(input);
}

/**
 * The simulated table returns an item as the same object until it is replaced, and functions read the records of a deploy again at each step,
 * so that each is converted once. That was an eighth of a run.
 */
const converted = new WeakMap<Attributes, Record<string, unknown>>();

/** The plain values of an item. Frozen, so that a function that changes what it has read fails instead of changing it for others. */
function convertOnce(attributes: Attributes): Record<string, unknown> {
  const known = converted.get(attributes);
  if (known !== undefined) return known;
  const values = frozen(fromAttributes(attributes));
  converted.set(attributes, values);
  return values;
}

function frozen<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner);
  return Object.freeze(value);
}
