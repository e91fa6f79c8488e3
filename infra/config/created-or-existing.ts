/** A part that Holdfast either creates or finds under `existing`. */

import { z } from 'zod';
import { isRecord } from '../../functions/shared/json.ts';

type Shape = z.core.$ZodLooseShape;

const inputs = new WeakMap<object, readonly z.core.$ZodType[]>();

/** Records which schemas describe the written form of `schema`, for the JSON Schema: a schema with a transformation does not show it. */
export function writtenAs<T extends object>(schema: T, ...parts: readonly z.core.$ZodType[]): T {
  inputs.set(schema, parts);
  return schema;
}
export const inputsOf = (schema: object): readonly z.core.$ZodType[] | undefined => inputs.get(schema);

/**
 * Reads a part with the schema of a created or of an existing one, depending on whether the key `existing` is there. A union of both
 * schemas would only report that neither fits. A key that belongs to one kind alone is rejected with the reason of that kind.
 */
export function createdOrExisting<C extends Shape, N extends Shape>(
  created: z.ZodObject<C, z.core.$strict>,
  existing: z.ZodObject<N, z.core.$strict>,
  why: { readonly created: string; readonly existing?: string },
): z.ZodType<
  (z.output<typeof created> & { existing?: undefined }) | z.output<typeof existing>,
  (z.input<typeof created> & { existing?: undefined }) | z.input<typeof existing>
> {
  const read = (value: unknown, context: z.core.$RefinementCtx): unknown => {
    const isExisting = isRecord(value) && value['existing'] !== undefined;
    const [known, other, reason] = isExisting ? [existing, created, why.created] : [created, existing, why.existing];
    return parsePart(known, value, context, (key) => (!(key in known.shape) && key in other.shape ? reason : undefined));
  };
  return writtenAs(z.unknown().transform(read), created, existing) as never;
}

/**
 * Parses `value` with the schema that was chosen for it, and adds each error to `context` at its own path.
 * @param refuses returns why a key does not apply to this kind; undefined for a key that is merely unknown
 */
export function parsePart(
  schema: z.ZodType,
  value: unknown,
  context: z.core.$RefinementCtx,
  refuses: (key: string) => string | undefined,
): unknown {
  const rest = isRecord(value) ? Object.entries(value) : [];
  const wrong = rest.flatMap(([key, given]) => {
    const message = given === undefined ? undefined : refuses(key);
    return message === undefined ? [] : [{ key, message }];
  });
  for (const { key, message } of wrong) context.issues.push({ code: 'custom', path: [key], message, input: value, continue: true });
  const refused = new Set(wrong.map(({ key }) => key));
  const known = isRecord(value) ? Object.fromEntries(rest.filter(([key]) => !refused.has(key))) : value;
  // The schema's own run returns the value together with its issues, so that rules which join values are reported as well.
  const read = schema._zod.run({ value: known, issues: [] }, {}) as z.core.ParsePayload;
  context.issues.push(...read.issues);
  return read.value;
}
