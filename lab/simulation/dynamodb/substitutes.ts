import { type Attribute, checkAttribute, invalid } from './attribute.ts';
import type { Substitutes } from './tokens.ts';

const NAMES = /[#:][\w-]+/g;

/** The names that an expression uses, by its text. */
const used = new Map<string, ReadonlySet<string>>();

/**
 * What expressions can refer to.
 * @param expressions absent ones are undefined
 * @throws AwsError ValidationException as DynamoDB, for what is given and empty, invalid or not used
 */
export function substitutesOf(
  names: Readonly<Record<string, string>> | undefined,
  values: Readonly<Record<string, Attribute>> | undefined,
  expressions: readonly (string | undefined)[],
): Substitutes {
  const isUsed = (name: string) => expressions.some((text) => text !== undefined && namesIn(text).has(name));
  for (const [kind, given] of [
    ['ExpressionAttributeNames', names],
    ['ExpressionAttributeValues', values],
  ] as const) {
    if (given === undefined) continue;
    const all = Object.keys(given);
    if (expressions.every((text) => text === undefined)) throw invalid(`${kind} can only be specified when using expressions`);
    if (all.length === 0) throw invalid(`${kind} must not be empty`);
    const unused = all.filter((name) => !isUsed(name));
    if (unused.length > 0) throw invalid(`Value provided in ${kind} unused in expressions: keys: {${unused.join(', ')}}`);
  }
  Object.values(values ?? {}).forEach(checkAttribute);
  return { names: names ?? {}, values: values ?? {} };
}

function namesIn(text: string): ReadonlySet<string> {
  const known = used.get(text) ?? new Set(text.match(NAMES));
  used.set(text, known);
  return known;
}
