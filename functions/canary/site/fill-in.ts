/** Puts values into the places that a recipe's steps have for them. Pure. */
import { RecipeFailed } from '../contract/errors.ts';
import type { Step } from '../contract/recipe.ts';

type Values = Readonly<Record<string, string>>;

/** @param place for the message @throws RecipeFailed for a name that no earlier step took */
export function fillIn(text: string, values: Values, place: string, encode: (value: string) => string = (value) => value): string {
  return text.replace(/\{([A-Za-z_]\w*)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new RecipeFailed(`${place}: {${name}} has no value: use {name}, {password} or what an earlier step takes`);
    return encode(value);
  });
}

/** Headers and body of a step. @throws RecipeFailed */
export function bodyOf({ form, json, headers = {} }: Step, values: Values, place: string): { headers: Values; body: string | undefined } {
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), fillIn(value, values, place)]));
  if (json !== undefined)
    return { headers: { 'content-type': 'application/json', ...own }, body: JSON.stringify(fillInside(json, values, place)) };
  if (form === undefined) return { headers: own, body: undefined };
  // A token can be in a field whose name changes, too.
  const filled = (text: string) => fillIn(text, values, place);
  const fields = Object.entries(form).map(([name, value]): [string, string] => [filled(name), filled(value)]);
  return { headers: { 'content-type': 'application/x-www-form-urlencoded', ...own }, body: new URLSearchParams(fields).toString() };
}

function fillInside(value: unknown, values: Values, place: string): unknown {
  if (typeof value === 'string') return fillIn(value, values, place);
  if (Array.isArray(value)) return value.map((one) => fillInside(one, values, place));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillInside(one, values, place)]));
}
