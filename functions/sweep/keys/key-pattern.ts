/** Patterns of configured dialects: what they match, and what is wrong with them. Pure. */
import type { ConfiguredDialect } from '../contract/settings.ts';
import type { KeyPattern } from './dialect.ts';

/** One character of each form of id, as a class of a regular expression. */
const ALPHABETS = {
  hex: '0-9a-f',
  HEX: '0-9A-F',
  base32: 'A-Z2-7',
  base36: '0-9a-z',
  base62: '0-9A-Za-z',
  base64: '0-9A-Za-z+/=',
  base64url: '\\w-',
  id: '\\w+/=,~-',
} as const;
const UUID = '[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}';
/** `.node1` behind the id, or nothing. */
const ROUTE = '(?:\\.[\\w-]+)?';
const FORM = /\{(?:(uuid)|(route)|(hex|HEX|base32|base36|base62|base64|base64url|id):(\d{1,3})|(id))\}/g;
/** Words, with _ or - between them: a name that a program gives, and no id. */
const NO_WORDS = '(?!(?:[a-z]+(?:[_-][a-z]+)*|[A-Z]+(?:[_-][A-Z]+)*)(?![\\w+/=,~-]))';
/** Shorter ids are those of users, orders and pages. */
const SHORTEST_ID = 16;

/** `*` is any text, `{hex:32}` and its like an id, everything else itself. */
export function keyPattern(pattern: string): KeyPattern {
  if (pattern.search(FORM) === -1) return keyGlob(pattern);
  let source = '';
  let from = 0;
  const literal = (text: string) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  for (const match of pattern.matchAll(FORM)) {
    source += literal(pattern.slice(from, match.index)) + formOf(match);
    from = match.index + match[0].length;
  }
  return new RegExp(`^${source}${literal(pattern.slice(from))}$`, 's');
}

function formOf([, uuid, route, alphabet, length, any]: RegExpMatchArray): string {
  if (uuid || route) return uuid ? UUID : ROUTE;
  const id = `[${ALPHABETS[(alphabet ?? 'id') as keyof typeof ALPHABETS]}]{${any ? `${SHORTEST_ID},` : length}}`;
  return any || alphabet === 'id' ? NO_WORDS + id : id;
}

/** Names that other programs give to what is no session, as they were recorded. */
const FOREIGN: readonly string[] = [
  'rq:job:11111111-1111-4111-8111-111111111111',
  'bull:mail:11111111-1111-4111-8111-111111111111',
  'celery-task-meta-11111111-1111-4111-8111-111111111111',
  'hangfire:job:11111111-1111-4111-8111-111111111111',
  'person:11111111-1111-4111-8111-111111111111',
  'Basket:11111111-1111-4111-8111-111111111111',
  'session:otp:1111111111111111',
  'session:ratelimit:10.0.0.1',
  'session_lock:checkout',
  'sess:otp:7',
  'session:global_feature_flags',
];

/** @returns what is wrong with a dialect of sessions, and what to write instead; undefined for a good one */
export function judgePattern({ pattern, type, structural, firstBytes, field }: ConfiguredDialect): string | undefined {
  if (/[?[\]]/.test(pattern)) return 'has ? or […], which mean nothing here: * is any text, and {id:32}, {hex:32} or {uuid} an id';
  const unknown = /\{(?:uuid|route|hex|id(?![a-z])|base\d+(?:url)?)[^}]*\}/gi;
  const forms = [...pattern.matchAll(FORM)];
  const odd = [...pattern.matchAll(unknown)].find(([text]) => !forms.some(([form]) => form === text));
  if (odd)
    return `has ${odd[0]}, which is no form of id: write {uuid}, {route}, {id}, or one of id, hex, HEX, base32, base36, base62, base64 and base64url with a length, such as {id:32}`;
  const open = pattern.split('*').length - 1 + forms.filter(([, , , , , any]) => any).length;
  if (forms.length > 0 && open > 1) return 'has more than one * next to an id, or {id} without its length next to a *';
  if (structural) return undefined;
  const ids = forms.filter(([, uuid, , , length, any]) => uuid || any || Number(length) >= SHORTEST_ID);
  if (ids.length === 0)
    return `has no id of ${SHORTEST_ID} characters or more: write {id:32}, {hex:32}, {uuid} or the like where the id is, or set structural`;
  if (firstBytes !== undefined && type !== 'string') return 'has firstBytes, which only a string has: name a field of the hash instead';
  if (field !== undefined && type !== 'hash') return 'has a field, which only a hash has: give the firstBytes of the string instead';
  const literal = pattern.replace(FORM, '').replaceAll('*', '');
  if (literal.length < 3 && firstBytes === undefined && field === undefined)
    return 'has no name of its own: other programs write such keys too, so give the firstBytes of the value (hexadecimal), or a field of the hash';
  const taken = firstBytes === undefined && field === undefined ? FOREIGN.find((name) => keyPattern(pattern).test(name)) : undefined;
  return taken && `takes keys of other programs too, such as ${taken}: write more of the name, or give firstBytes or a field`;
}

/**
 * A configured pattern: `*` is any text, everything else itself. A part between two `*` is searched from where the one before it ended,
 * and only there: an earlier end leaves more for what follows, so that no other place has to be tried. Pure.
 */
export function keyGlob(glob: string): KeyPattern {
  const parts = glob.split('*');
  const [first, last] = [parts[0] as string, parts.at(-1) as string];
  if (parts.length === 1) return { test: (key) => key === glob };
  const between = parts.slice(1, -1);
  return {
    test(key) {
      if (!key.startsWith(first) || !key.endsWith(last)) return false;
      let from = first.length;
      for (const part of between) {
        const at = key.indexOf(part, from);
        if (at === -1) return false;
        from = at + part.length;
      }
      return from <= key.length - last.length;
    },
  };
}
