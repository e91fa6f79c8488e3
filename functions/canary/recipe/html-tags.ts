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
