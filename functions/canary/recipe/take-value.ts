/** Takes what a later step sends, such as a CSRF token, from an answer. Pure. */
import { parseUrl } from '../../shared/parse-url.ts';
import type { HttpAnswer } from '../http/send.ts';
import { tagsOf } from './html-tags.ts';
import type { Take } from './recipe.ts';

/** A cookie is decoded, as scripts read it that send it in a header. @param page where the answer came from @returns undefined when it is not there */
export function takeValue(answer: HttpAnswer, { input, meta, cookie, header, json, action }: Take, page?: URL): string | undefined {
  if (input !== undefined) return attributeOf(answer.body, 'input', ['name', input], 'value');
  if (meta !== undefined) return attributeOf(answer.body, 'meta', ['name', meta], 'content');
  if (action !== undefined) return actionOf(answer.body, action, page);
  if (cookie !== undefined) return decoded(answer.setCookies.findLast(({ name }) => name === cookie)?.value);
  if (header !== undefined) return answer.headers[header.toLowerCase()];
  if (json !== undefined) return fieldOf(answer.body, json);
  return undefined;
}

/** The value without its percent escapes, where they are all valid. */
export function decoded(value: string | undefined): string | undefined {
  try {
    return value && decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The form's own page, where it names no address. */
function actionOf(html: string, form: string, page: URL | undefined): string | undefined {
  const text = attributeOf(html, 'form', ['id', form], 'action') ?? attributeOf(html, 'form', ['name', form], 'action');
  return text === undefined ? undefined : parseUrl(text, page?.href)?.href.replace(/#.*/, '');
}

/** @returns `attribute` of the first such tag whose attribute `key` has that value; empty where it has none */
function attributeOf(html: string, tag: string, [key, value]: readonly [string, string], attribute: string): string | undefined {
  for (const { name, attributes } of tagsOf(html))
    if (name === tag && attributes.get(key) === value) return attributes.get(attribute) ?? '';
  return undefined;
}

function fieldOf(body: string, path: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  for (const name of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
