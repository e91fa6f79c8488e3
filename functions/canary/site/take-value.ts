import { parseUrl } from '../../shared/urls.ts';
import type { Take } from '../contract/recipe.ts';
import type { HttpAnswer } from '../http/send.ts';

/** Takes what a later step sends, such as a CSRF token, from an answer. Pure. */

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

/** The tags of a page, read once from its beginning to its end: whatever a site sends takes a time that grows with its length. Pure. */

export interface Tag {
  /** In lower case. */
  readonly name: string;
  /** By their names in lower case; of one that is given twice, the first value, as in browsers. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Elements whose content is text: what looks like a tag in it is none. */
const WITH_TEXT: ReadonlySet<string> = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes']);

/** What is not closed (a comment, a tag, a script) lasts to the end of the page, as in browsers. */
export function* tagsOf(html: string): Generator<Tag> {
  let at = html.indexOf('<');
  while (at >= 0) {
    const name = matchAt(/[a-z][^\s/>]*/iy, html, at + 1)?.toLowerCase();
    let end = at + 1;
    if (name !== undefined) {
      const tag = readTag(html, at + 1 + name.length);
      if (tag === undefined) return;
      yield { name, attributes: tag.attributes };
      end = WITH_TEXT.has(name) ? indexOfEnd(html, name, tag.end) : tag.end;
    } else if (html.startsWith('<!--', at)) {
      // `<!-->` is a whole comment.
      const close = html.indexOf('-->', at + 2);
      end = close < 0 ? -1 : close + 3;
    }
    at = end < 0 ? -1 : html.indexOf('<', end);
  }
}

/** Attributes, and where the tag ends; undefined for one that does not. */
function readTag(html: string, from: number): { readonly attributes: Map<string, string>; readonly end: number } | undefined {
  const attributes = new Map<string, string>();
  let at = from;
  for (;;) {
    at += matchAt(/[\s/]*/y, html, at)?.length ?? 0;
    if (at >= html.length) return undefined;
    if (html[at] === '>') return { attributes, end: at + 1 };
    const name = matchAt(/=?[^\s/>=]*/y, html, at) ?? '';
    at += name.length;
    const sign = matchAt(/\s*=\s*/y, html, at);
    let value = '';
    if (sign !== undefined) {
      at += sign.length;
      const quote = html[at];
      if (quote === '"' || quote === "'") {
        const close = html.indexOf(quote, at + 1);
        if (close < 0) return undefined;
        value = html.slice(at + 1, close);
        at = close + 1;
      } else {
        value = matchAt(/[^\s>]*/y, html, at) ?? '';
        at += value.length;
      }
    }
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, unescapeHtml(value));
  }
}

/** Where the text of an element ends; below 0 where it does not. */
function indexOfEnd(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? -1;
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeHtml = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
        if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
        const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
        return point > 0x10ffff ? whole : String.fromCodePoint(point);
      })
    : text;
