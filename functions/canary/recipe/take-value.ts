/** Takes what a later step sends, such as a CSRF token, from an answer. Pure. */
import { parseUrl } from '../../shared/parse-url.ts';
import type { HttpAnswer } from '../http/send.ts';
import { tagsOf } from './html-tags.ts';
import type { Take } from './recipe.ts';

/** Longer ones are no tokens: the second text is another one's. */
const MOST_BETWEEN = 4_000;

/** A cookie is decoded, as scripts read it that send it in a header. @param page where the answer came from @returns undefined when it is not there */
export function takeValue(
  answer: HttpAnswer,
  { input, meta, cookie, header, json, action, link, between }: Take,
  page?: URL,
): string | undefined {
  if (input !== undefined) return attributeOf(answer.body, 'input', ['name', input], 'value');
  if (meta !== undefined) return attributeOf(answer.body, 'meta', ['name', meta], 'content');
  if (action !== undefined) return actionOf(answer.body, action, page);
  if (cookie !== undefined) return decoded(answer.setCookies.findLast(({ name }) => name === cookie)?.value);
  if (header !== undefined) return answer.headers[header.toLowerCase()];
  if (json !== undefined) return fieldOf(answer.body, json);
  if (link !== undefined) return linkOf(answer.body, link, page);
  if (between !== undefined) return textBetween(answer.body, between);
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
  const text =
    attributeOf(html, 'form', ['id', form], 'action') ??
    attributeOf(html, 'form', ['name', form], 'action') ??
    addressWith(html, 'form', 'action', form);
  return text === undefined ? undefined : wholeAddress(text, page);
}

function linkOf(html: string, part: string, page: URL | undefined): string | undefined {
  const text = addressWith(html, 'a', 'href', part);
  return text && wholeAddress(text, page);
}

const wholeAddress = (text: string, page: URL | undefined): string | undefined => parseUrl(text, page?.href)?.href.replace(/#.*/, '');

/** The first address of such tags that has this part in it. */
function addressWith(html: string, tag: string, attribute: string, part: string): string | undefined {
  for (const { name, attributes } of tagsOf(html))
    if (name === tag && attributes.get(attribute)?.includes(part)) return attributes.get(attribute);
  return undefined;
}

function textBetween(body: string, [before, after]: readonly [string, string]): string | undefined {
  const from = body.indexOf(before);
  const to = from < 0 ? -1 : body.indexOf(after, from + before.length);
  return to < 0 ? undefined : body.slice(from + before.length, to).slice(0, MOST_BETWEEN);
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
