import type { core } from 'zod';

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
