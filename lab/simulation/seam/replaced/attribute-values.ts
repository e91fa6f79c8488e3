/**
 * Takes the place of functions/records/attribute-values.ts during runs: the simulated table returns an item as the same object until it is
 * replaced, and functions read the records of a deploy again at each step, so that each is converted once. That was an eighth of a run.
 */
import { type Attributes, fromAttributes as convert } from '../../../../functions/records/attribute-values.ts';

export { type Attribute, type Attributes, toAttributes } from '../../../../functions/records/attribute-values.ts';

const converted = new WeakMap<Attributes, Record<string, unknown>>();

/** The plain values of an item. Frozen, so that a function that changes what it has read fails instead of changing it for others. */
export function fromAttributes(attributes: Attributes): Record<string, unknown> {
  const known = converted.get(attributes);
  if (known !== undefined) return known;
  const values = frozen(convert(attributes));
  converted.set(attributes, values);
  return values;
}

function frozen<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner);
  return Object.freeze(value);
}
