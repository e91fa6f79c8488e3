/** A part that is either made by Holdfast or named under `existing`. */
import { z } from 'zod';

type Shape = z.core.$ZodLooseShape;

/**
 * Reads a part as the created or as the named kind, by whether `existing` is there: a union of the two would say of a
 * mistake only that neither fits. A key that the kind does not have, but the other does, is refused with `why`.
 */
export function createdOrNamed<C extends Shape, N extends Shape>(
  created: z.ZodObject<C, z.core.$strict>,
  named: z.ZodObject<N, z.core.$strict>,
  why: string,
): z.ZodType<
  (z.output<typeof created> & { existing?: undefined }) | z.output<typeof named>,
  (z.input<typeof created> & { existing?: undefined }) | z.input<typeof named>
> {
  const read = (value: unknown, context: z.core.$RefinementCtx): unknown => {
    const isNamed = isRecord(value) && value['existing'] !== undefined;
    const known = isNamed ? named.shape : created.shape;
    return parsePart(isNamed ? named : created, value, context, (key) =>
      isNamed && !(key in known) && key in created.shape ? why : undefined,
    );
  };
  return z.unknown().transform(read) as never;
}

/**
 * Parses with `schema`, which fits the value best; `refuses` says why a key of it means nothing here.
 * What is wrong becomes an issue of the whole, at its own path.
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
  // The schema's own run keeps the value beside what is wrong with it, so that rules which join values are told as well.
  const read = schema._zod.run({ value: known, issues: [] }, {}) as z.core.ParsePayload;
  context.issues.push(...read.issues);
  return read.value;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
