/** How AWS measures what a request gives it. */
import { isRecord, parseJson } from '../json.ts';

const sizeOf = (value: unknown): number => Buffer.byteLength(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
/** JSON without whitespace; in templates it is no text yet. */
const compact = (value: unknown): string => JSON.stringify(typeof value === 'string' ? (parseJson(value) ?? value) : value);
/** Texts of a rule's conditions, but for those under these names. */
function conditionTexts(conditions: unknown, without: readonly string[]): string[] {
  const texts: string[] = [];
  JSON.stringify(conditions, (key, value: unknown) => {
    if (['Field', 'HttpHeaderName', ...without].includes(key)) return undefined;
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}
const stateNames = (definition: unknown): string[] => {
  const names: string[] = [];
  JSON.stringify(typeof definition === 'string' ? parseJson(definition) : definition, (key, value: unknown) => {
    if (key === 'States' && isRecord(value)) names.push(...Object.keys(value));
    return value;
  });
  return names;
};

/** Each gives a size; a value of another kind has none. */
export const MEASURES = {
  characters: (value) => (typeof value === 'string' ? value.length : 0),
  bytes: sizeOf,
  /** Of a value in base64. */
  decodedBytes: (value) => Buffer.from(String(value), 'base64').length,
  policy: (value) => compact(value).length,
  count: (value) => (typeof value === 'object' && value !== null ? Object.keys(value).length : 0),
  widgets: (value) => ((parseJson(String(value)) as { widgets?: unknown[] } | null | undefined)?.widgets ?? []).length,
  stateName: (value) => Math.max(0, ...stateNames(value).map(({ length }) => length)),
  conditionValues: (value) => conditionTexts(value, ['Key']).length,
  /** Those that a backslash does not take literally; regular expressions have none. */
  conditionWildcards: (value) =>
    conditionTexts(value, ['RegexValues'])
      .join('')
      .replaceAll(/\\.|[^*?]/g, '').length,
  /** Names and values, as DynamoDB writes them on the wire without the letters of their types. */
  item: (value) =>
    Object.entries(value ?? {}).reduce((sum, [name, typed]) => sum + sizeOf(name) + sizeOf(Object.values(typed ?? {})[0]), 0),
} as const satisfies Readonly<Record<string, (value: unknown) => number>>;

export type Measure = keyof typeof MEASURES;
