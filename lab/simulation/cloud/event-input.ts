/**
 * The input that a rule's target is given for an event: the event itself, or by its transformer.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { EventRule } from '../installation/installation.ts';

/** `paths`: into the event, `$.detail.name`, by the names that the template has; `template`: JSON with `<name>` in place of values. */
type InputTransformer = NonNullable<EventRule['inputTransformer']>;

const PATH = /^\$(\.[A-Za-z0-9_-]+)+$/;
const PLACE = /<([A-Za-z0-9_.-]+)>/g;

/** @throws Error for a path or a place that the simulation lacks */
export function checkTransformer({ paths, template }: InputTransformer): void {
  for (const path of Object.values(paths)) {
    if (!PATH.test(path)) throw new Error(`the simulation lacks the event path ${path}`);
  }
  for (const [place, name = ''] of template.matchAll(PLACE)) {
    if (paths[name] === undefined) throw new Error(`the simulation lacks ${place} in an event's transformer`);
  }
  // Inside of quotes a value would stand without its own.
  if (/"[^",:{}]*<[^>]+>[^",:{}]*"/.test(template)) throw new Error(`the simulation lacks a place inside of a text: ${template}`);
}

/** @throws SyntaxError where the event lacks a value: EventBridge leaves its place empty, and what remains is no JSON */
export function inputFor(event: object, transformer: InputTransformer | undefined): object {
  if (transformer === undefined) return event;
  const filled = transformer.template.replaceAll(PLACE, (_, name: string) => {
    const value = valueAt(event, transformer.paths[name] ?? '');
    return value === undefined ? '' : JSON.stringify(value);
  });
  return JSON.parse(filled) as object;
}

const valueAt = (event: object, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>((at, field) => (at as Readonly<Record<string, unknown>> | undefined)?.[field], event);
