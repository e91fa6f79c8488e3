/** What is wrong with a single value of a configuration, in words. Pure. */
import type { z } from 'zod';
import { didYouMean, knownKeys } from '../../functions/shared/did-you-mean.ts';
import { inputsOf } from './created-or-existing.ts';

type Issue = z.core.$ZodIssue;

/** What `init` writes in the place of a value that only the user knows, before what belongs there. */
export const FILL_IN = 'FILL IN: ';

export interface Problem {
  /** Of the value, dots between keys. */
  readonly path: string;
  readonly what: string;
}

export function unfilledValues(value: unknown, path: readonly string[] = []): readonly Problem[] {
  if (typeof value === 'string') return value.startsWith(FILL_IN) ? [{ path: path.join('.'), what: value.slice(FILL_IN.length) }] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => unfilledValues(below, [...path, key]));
}

/** @returns a sentence's rest per mistake, each with the path that it is about */
export function explainIssue(schema: z.core.$ZodType, issue: Issue, root: unknown): readonly Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path, inputsOf);
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), what: `is no key of a configuration.${didYouMean(key, known)}` }));
  }
  return [{ path: path.join('.') || 'the configuration', what: ruleOf(issue, root) }];
}

function ruleOf(issue: Issue, root: unknown): string {
  const found = issue.path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], root);
  switch (issue.code) {
    // The rule of a key (a fleet's name) is one level down.
    case 'invalid_key':
      return `${JSON.stringify(issue.path.at(-1))} is not a valid name: ${issue.issues.map(({ message }) => words(message)).join('; ')}`;
    case 'invalid_value':
      return oneOf(issue.values, found);
    case 'invalid_union': {
      const values = issue.errors
        .flat()
        .flatMap((inner) => (inner.code === 'invalid_value' && inner.path.length === 0 ? inner.values : []));
      return values.length > 0 ? oneOf(values, found) : words(issue.message);
    }
    case 'invalid_type':
      return `${found === undefined ? 'is missing: it ' : ''}must be ${NAMES[issue.expected] ?? `of type ${issue.expected}`}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', issue.maximum)}`;
    default:
      return words(issue.message);
  }
}

const NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
};
const COUNTED: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', set: 'entries' };

const bound = (origin: string, how: string, limit: number | bigint): string =>
  COUNTED[origin] === undefined
    ? `be ${how} ${limit}`
    : `have ${how} ${limit} ${limit === 1 ? COUNTED[origin].replace(/ies$/, 'y').replace(/s$/, '') : COUNTED[origin]}`;

function oneOf(values: readonly unknown[], found: unknown): string {
  const texts = [...new Set(values.map(String))];
  const list = texts.length === 1 ? texts[0] : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
  const meant = typeof found === 'string' ? didYouMean(found, texts) : '';
  return `must be ${list}${meant && `.${meant}`}`;
}

/** Messages of ours are sentences; those of the library begin so. */
const words = (message: string): string =>
  message.replace(/^Invalid (string|input): /, '').replace(/^must match pattern /, 'must match the pattern ');
