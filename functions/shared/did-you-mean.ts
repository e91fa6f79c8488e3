import { closestMatch } from 'leven';
import type { core } from 'zod';

/** ` Did you mean web?`, where one of the known names is close to what was written; empty otherwise. */
export function didYouMean(written: string, known: readonly string[]): string {
  const found = sameWords(written, known) ?? closest(written, known);
  return found === undefined ? '' : ` Did you mean ${found}?`;
}

function closest(written: string, known: readonly string[]): string | undefined {
  // Two letters that changed places are two edits. Of a short word, at least one letter has to be right.
  const maxDistance = Math.min(written.length - 1, Math.max(2, Math.floor(written.length / 3)));
  return maxDistance < 1 ? undefined : closestMatch(written, known, { maxDistance });
}

/** `secondsQuiet` for `quietSeconds`, `Min_Capacity` for `minCapacity`: many edits, and the same words. */
const sameWords = (written: string, known: readonly string[]): string | undefined =>
  known.find((name) => name !== written && wordsOf(name) === wordsOf(written));

const wordsOf = (name: string): string =>
  name
    .split(/(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase())
    .sort()
    .join(' ');

/** What is read of a schema, of either variant of zod. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, core.$ZodType>>;
  readonly innerType?: core.$ZodType;
  readonly options?: readonly core.$ZodType[];
  readonly valueType?: core.$ZodType;
  readonly element?: core.$ZodType;
  readonly in?: core.$ZodType;
}

/**
 * The keys that an object at `path` of a value can have; of a union, those of each of its objects.
 * @param partsOf the schemas that stand behind one with a transformation, which does not show them. @default none
 */
export function knownKeys(
  schema: core.$ZodType,
  path: readonly PropertyKey[],
  partsOf: (schema: object) => readonly core.$ZodType[] | undefined = () => undefined,
): readonly string[] {
  const { shape, innerType, options, valueType, element, ...def } = schema._zod.def as unknown as Definition;
  const same = [
    ...(partsOf(schema) ?? []),
    ...(options ?? []),
    ...(innerType ? [innerType] : []),
    ...(def.type === 'pipe' && def.in ? [def.in] : []),
  ];
  const inside = same.flatMap((each) => knownKeys(each, path, partsOf));
  const [key, ...rest] = path;
  if (key === undefined) return [...Object.keys(shape ?? {}), ...inside];
  const below = shape ? shape[String(key)] : (valueType ?? element);
  return below ? [...knownKeys(below, rest, partsOf), ...inside] : inside;
}
