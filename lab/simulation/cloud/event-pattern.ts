/**
 * Whether an event matches a rule's pattern, as far as the rules of an installation go: nested objects, and lists of texts of which
 * one has to be equal.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export type EventPattern = { readonly [field: string]: EventPattern | readonly string[] };

/** @throws Error for an operator that is not known here, whatever the event is */
export function checkPattern(pattern: unknown, path = 'the pattern'): asserts pattern is EventPattern {
  if (typeof pattern !== 'object' || pattern === null) throw new Error(`${path} is neither an object nor a list`);
  if (Array.isArray(pattern)) {
    const other = pattern.find((one) => typeof one !== 'string');
    if (other !== undefined || pattern.length === 0) throw new Error(`${path} has what the simulation lacks: ${JSON.stringify(other)}`);
    return;
  }
  for (const [field, value] of Object.entries(pattern)) {
    if (field.startsWith('$')) throw new Error(`${path} has what the simulation lacks: ${field}`);
    checkPattern(value, `${path}.${field}`);
  }
}

export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, expected]) => {
    const found = (event as Readonly<Record<string, unknown>> | undefined)?.[field];
    if (!isList(expected)) return typeof found === 'object' && found !== null && matchesPattern(expected, found);
    // If the event has a list here, one element of it has to match.
    return (Array.isArray(found) ? found : [found]).some((one) => expected.includes(one));
  });
}

const isList = (value: EventPattern | readonly string[]): value is readonly string[] => Array.isArray(value);
