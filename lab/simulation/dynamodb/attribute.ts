/** DynamoDB's typed values, as its JSON protocol has them. */
import { AwsError } from '#local-aws/service/service.ts';

export type Attribute = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, Attribute>>;

const TYPES = new Set(['S', 'N', 'BOOL', 'NULL', 'SS', 'L', 'M']);

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** `S`, `N`, … */
export function typeOf(attribute: Attribute): string {
  const [type = ''] = Object.keys(attribute);
  return type;
}

export const textOf = (attribute: Attribute): string => attribute['S'] as string;
export const numberOf = (attribute: Attribute): number => Number(attribute['N']);
export const setOf = (attribute: Attribute): readonly string[] => attribute['SS'] as readonly string[];
export const listOf = (attribute: Attribute): readonly Attribute[] => attribute['L'] as readonly Attribute[];
export const mapOf = (attribute: Attribute): Item => attribute['M'] as Item;

/** @throws AwsError ValidationException for what DynamoDB refuses; Error for a type that the simulation lacks */
export function checkAttribute(attribute: Attribute): void {
  const type = typeOf(attribute);
  if (Object.keys(attribute).length !== 1)
    throw invalid('Supplied AttributeValue has more than one datatypes set, must contain exactly one');
  if (!TYPES.has(type)) throw new Error(`the simulated DynamoDB has no type ${type}`);
  if (type === 'N' && !Number.isFinite(numberOf(attribute)))
    throw invalid(`The parameter cannot be converted to a numeric value: ${attribute['N']}`);
  if (type === 'SS') {
    const values = setOf(attribute);
    if (values.length === 0) throw invalid('One or more parameter values were invalid: An string set  may not be empty');
    if (new Set(values).size < values.length)
      throw invalid(`One or more parameter values were invalid: Input collection [${values.join(', ')}] contains duplicates.`);
  }
  if (type === 'L') listOf(attribute).forEach(checkAttribute);
  if (type === 'M') Object.values(mapOf(attribute)).forEach(checkAttribute);
}

export function areEqual(a: Attribute, b: Attribute): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  switch (type) {
    case 'N':
      return numberOf(a) === numberOf(b);
    case 'SS':
      return setOf(a).length === setOf(b).length && setOf(a).every((value) => setOf(b).includes(value));
    case 'L':
      return listOf(a).length === listOf(b).length && listOf(a).every((value, index) => areEqual(value, listOf(b)[index] as Attribute));
    case 'M': {
      const [left, right] = [mapOf(a), mapOf(b)];
      const names = Object.keys(left);
      return (
        names.length === Object.keys(right).length &&
        names.every((name) => right[name] !== undefined && areEqual(left[name] as Attribute, right[name]))
      );
    }
    default:
      return a[type] === b[type];
  }
}

/** Below 0 when a comes first; undefined when the two have no order: another type, or one without. */
export function compare(a: Attribute, b: Attribute): number | undefined {
  const type = typeOf(a);
  if (type !== typeOf(b)) return undefined;
  if (type === 'N') return numberOf(a) - numberOf(b);
  if (type === 'S') return textOf(a) < textOf(b) ? -1 : Number(textOf(a) > textOf(b));
  return undefined;
}
