/** What keys that no known framework writes look like: their names without ids, and what their values begin with. Pure. */
import { type ApplicationPrefix, KEY_PREFIX, type KeyType, PREFIXED_FRAMEWORKS } from '../contract/settings.ts';
import type { LearnedShape } from '../contract/tally.ts';
import { CATALOGUE } from './catalogue.ts';
import { longFieldsOf } from './evidence.ts';
import { judgePattern } from './key-pattern.ts';
import type { KeyValue } from './key-value.ts';
import { UNREAD } from './unread.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Longer parts are ids, or at least what one user has alone. */
const LONGEST_WORD = 24;
/** Parts of a name that are shown: more of them are one user's. */
const MOST_WORDS = 6;

/**
 * `cart:4f1…:items` is `cart:{hex:32}:items`. Words are kept at the beginning of a name, and behind it only those that programs use:
 * `Session:userId:ann` is `Session:userId:*`.
 */
export function shapeOf(key: string): string {
  const parts = key.replace(UUID, '\0').split(/([:/.|#{}=]+)/);
  let hasId = false;
  const shown = parts.slice(0, 2 * MOST_WORDS).map((part, at) => {
    if (at % 2 === 1) return part.slice(0, LONGEST_SEPARATOR);
    const form = formOf(part, at === 0);
    hasId ||= form.includes('{');
    return form;
  });
  if (parts.length === 1 && !hasId) return '*';
  const all = shown.join('') + (parts.length > 2 * MOST_WORDS ? '*' : '');
  return all.replace(/\*(?:[^{}*]{0,2}\*)+/g, '*').replace(/(\{[^{}]{1,20}\})\.\*$/, '$1{route}');
}

const LONGEST_SEPARATOR = 3;
/** Words of programs in names, and of no person. */
const COMMON = new Set(
  (
    'session sessions sess sid user users userid id cart carts basket item items cache data token tokens auth login job jobs queue lock locks ' +
    'config settings state store index key keys page pages view views web app api admin profile order orders event events'
  ).split(' '),
);

/** Words and an id: `session_GQ3T…`. */
const WORDS_AND_ID = /^((?:[a-z]{2,24}_)+)([^_].*)$/;

/** How pictures and whole numbers begin: JPEG, PNG, GIF, WebP; a digit. */
const COMMON_BYTES = /^(?:ffd8|89504e|474946|524946|3\d(?:3\d)*$)/;

/** @param isFirst a later word can be a user's name */
function formOf(part: string, isFirst: boolean): string {
  if (part.includes('\0')) return part === '\0' ? '{uuid}' : '*';
  const isShown = (word: string) => isFirst || COMMON.has(word.toLowerCase());
  if (part === '' || (/^[A-Za-z][A-Za-z_-]*$/.test(part) && part.length <= LONGEST_WORD)) return part === '' || isShown(part) ? part : '*';
  const [, words = '', id = part] = WORDS_AND_ID.exec(part) ?? [];
  const [first = '', ...others] = words.split('_').slice(0, -1);
  // Behind the first word of a name, too, a person's can follow.
  return (words === '' || isShown(first)) && others.every((word) => COMMON.has(word)) ? words + idForm(id) : '*';
}

/** `*:cart:*` for `ann:cart:*`, whose first word can be a user's; a word of programs stays. */
export function withoutFirstWord(shape: string): string {
  const [, word = '', rest = ''] = /^([A-Za-z_-]+)([:/.|#{}=].*)$/.exec(shape) ?? [];
  return word === '' || COMMON.has(word.toLowerCase()) ? shape : `*${rest}`;
}

/** Whether it has more words than its first one: `ann:cart:*`, not `orders:{uuid}`. */
export const hasWordBehindFirst = (shape: string): boolean => /[a-z]/i.test(withoutFirstWord(shape).replace(/\{[^}]*\}/g, ''));

function idForm(id: string): string {
  if (id.length < 16) return '*';
  if (/^[0-9a-f]+$/.test(id)) return `{hex:${id.length}}`;
  if (/^[0-9A-F]+$/.test(id)) return `{HEX:${id.length}}`;
  if (/^[A-Z2-7]+$/.test(id)) return `{base32:${id.length}}`;
  if (/^[0-9A-Za-z]+$/.test(id)) return `{base62:${id.length}}`;
  return /^[\w-]+$/.test(id) ? `{base64url:${id.length}}` : '*';
}

/** Those of the catalogue that show something of their own. */
const OWN = CATALOGUE.flatMap(({ name, rules }) =>
  rules.flatMap(({ role, type, evidence }) => (role === 'session' && evidence && !evidence.isWeak ? [{ name, type, evidence }] : [])),
);
/** Hash fields that are asked for to find what an unknown hash resembles. */
export const EVIDENT_FIELDS = [...new Set(OWN.flatMap(({ evidence }) => evidence.fields ?? []))];
/** What is asked of longer ones. */
export const LONG_FIELDS = OWN.flatMap(({ evidence }) => longFieldsOf(evidence));

const FIRST_BYTES = 3;

/** What a value shows, without any of it but its first three bytes. */
export function learnFrom(key: string, type: string, value: KeyValue): Pick<LearnedShape, 'firstBytes' | 'resembles' | 'field'> {
  const { text } = value;
  const resembles = OWN.find((one) => one.type === type && one.evidence.shows(value, key))?.name;
  const field = Object.keys(value.fields).find((name) => EVIDENT_FIELDS.includes(name));
  const first = text === undefined || text === UNREAD ? '' : text.start.slice(0, FIRST_BYTES);
  return {
    ...(resembles && { resembles }),
    ...(field && { field }),
    // Letters and digits alone can be the beginning of a password.
    ...(first && !/^[A-Za-z0-9]+$/.test(first) && { firstBytes: Buffer.from(first, 'latin1').toString('hex') }),
  };
}

/** Words of what a program works through, in names that say nothing of a session. */
const OF_WORK = /(?:^|[^a-z])(?:jobs?|tasks?|queues?|locks?|carts?|baskets?|orders?|cache)(?![a-z])/i;

/** The dialect that takes such keys for sessions, as it stands in the configuration; undefined where no part of the name is an id. */
export function dialectOf({ shape, type, firstBytes, field }: LearnedShape): object | undefined {
  const ids = shape.match(/\{(?:uuid|[a-zA-Z]\w*:\d+)\}/g) ?? [];
  const isOwn =
    type === 'string'
      ? firstBytes === undefined
        ? /sess|sid/i.test(shape)
        : !COMMON_BYTES.test(firstBytes)
      : type === 'hash' && field !== undefined;
  // A shape that begins with any word takes the keys of other programs as well.
  if (
    ids.length === 0 ||
    shape.startsWith('*') ||
    (OF_WORK.test(shape) && !/sess|sid/i.test(shape)) ||
    shape.split('*').length > 2 ||
    !isOwn
  )
    return undefined;
  const name = shape
    .toLowerCase()
    .replace(/\{[^}]*\}|\*/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '')
    .slice(0, 40);
  const evidence = type === 'string' ? firstBytes && { firstBytes } : type === 'hash' ? field && { field } : undefined;
  const dialect = { name: name || 'own-sessions', pattern: shape, type: type as KeyType, ...(evidence || {}) };
  return judgePattern({ ...dialect, structural: false, idleSeconds: 0 }) === undefined ? dialect : undefined;
}

/** What a framework writes between an application's prefix and the id. */
const BEHIND_PREFIX: Readonly<Record<string, string>> = { 'spring-session': 'sessions:' };

/** The application's prefix below which a known framework takes such keys for sessions; undefined where none does. */
export function applicationPrefixOf({ shape, resembles }: Pick<LearnedShape, 'shape' | 'resembles'>): ApplicationPrefix | undefined {
  const framework = PREFIXED_FRAMEWORKS.find((name) => name === resembles);
  const [, before = ''] = /^([^{}*]+)(?:\{[^{}]*\}|\*)$/.exec(shape) ?? [];
  const behind = (framework && BEHIND_PREFIX[framework]) ?? '';
  const prefix = before.slice(0, before.length - behind.length);
  return framework && before.endsWith(behind) && KEY_PREFIX.test(prefix) ? { prefix, framework } : undefined;
}

/** An alphabet of ids, and those whose ids are all of it, too. */
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  base62: ['hex', 'HEX', 'base32'],
  base64url: ['hex', 'HEX', 'base32', 'base62'],
};

/** Without those whose ids a pattern of another one takes: of random ids of base64url, many have no `-` and no `_`. */
export const withoutCovered = (shapes: readonly LearnedShape[]): readonly LearnedShape[] =>
  shapes.filter(
    ({ shape, type }) =>
      !shapes.some(
        (other) =>
          other.type === type &&
          other.shape !== shape &&
          Object.entries(WITHIN).some(
            ([wide, narrow]) => shape.replace(new RegExp(`\\{(?:${narrow.join('|')}):`, 'g'), `{${wide}:`) === other.shape,
          ),
      ),
  );
