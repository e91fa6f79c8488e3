/** What keys that no known framework writes look like: their names without ids, and what their values begin with. Pure. */
import { type ApplicationPrefix, KEY_PREFIX, type KeyType, PREFIXED_FRAMEWORKS } from '../contract/settings.ts';
import type { LearnedShape } from '../contract/tally.ts';
import { CATALOGUE } from './catalogue.ts';
import { longFieldsOf } from './evidence.ts';
import { judgePattern } from './key-pattern.ts';
import { type KeyValue, UNREAD } from './read-expiry.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Longer parts are ids, or at least what one user has alone. */
const LONGEST_WORD = 24;
/** Parts of a name that are shown: more of them are one user's. */
const MOST_WORDS = 6;

/**
 * `cart:4f1…:items` is `cart:{id:32}:items`. Words are kept at the beginning of a name, and behind it only those that programs use:
 * `Session:userId:ann` is `Session:userId:*`.
 */
export function shapeOf(key: string): string {
  // An id of base64 has slashes and an end of its own; a path is divided at them.
  const parts = key
    .replace(UUID, '\0')
    .split(/([:.|#{}]+)/)
    .flatMap((part, at) => (at % 2 === 1 || withId(part, at === 0) !== undefined ? [part] : part.split(/([/=]+)/)));
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

const WORD = '(?:[A-Z]?[a-z]+|[A-Z]+)\\d?';
/** Words and an id: `session_GQ3T…`, `_oauth2_proxy-31bc…`, which is one word before its last separator. */
const WORDS_AND_ID = new RegExp(`^(?=_?[A-Za-z]{2})(_?${WORD}(?:[-_/]${WORD})*)([-_/])(\\0|.{16,})$`, 's');

/** How pictures and whole numbers begin: JPEG, PNG, GIF, WebP; a digit. */
const COMMON_BYTES = /^(?:ffd8|89504e|474946|524946|3\d(?:3\d)*$)/;

/** @param isFirst a later word can be a user's name */
function formOf(part: string, isFirst: boolean): string {
  if (part === '') return part;
  if (/^[A-Za-z][A-Za-z_-]*$/.test(part) && part.length <= LONGEST_WORD) return isFirst || COMMON.has(part.toLowerCase()) ? part : '*';
  return withId(part, isFirst) ?? '*';
}

/** The form of an id, behind words that may be shown; undefined for anything else. */
function withId(part: string, isFirst: boolean): string | undefined {
  const [, words = '', separator = '', id = part] = WORDS_AND_ID.exec(part) ?? [];
  // Behind the first word of a name, too, a person's can follow.
  const isShown = words.split(separator).every((word, at) => (at === 0 && isFirst) || COMMON.has(word.toLowerCase()));
  return isShown && isId(id) ? `${words}${separator}${id === '\0' ? '{uuid}' : `{id:${id.length}}`}` : undefined;
}

const isId = (text: string): boolean =>
  text === '\0' || /^[\w-]{16,}$/.test(text) || (/^[\w+/,~-]{16,}={0,2}$/.test(text) && isRandom(text));

/** Random text changes between capitals, small letters and digits at six characters in ten; words, paths and numbers hardly do. */
function isRandom(text: string): boolean {
  const letters = text.replace(/[^A-Za-z\d]/g, '');
  const changes = letters.match(/[a-z](?=[^a-z])|[A-Z](?=[^A-Z])|\d(?=\D)/g)?.length ?? 0;
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text) && changes * 3 > letters.length;
}

/** `*:cart:*` for `ann:cart:*`, whose first word can be a user's; a word of programs stays. */
export function withoutFirstWord(shape: string): string {
  const [, word = '', rest = ''] = /^(_?[A-Za-z]+\d?(?:[-_]+[A-Za-z]+\d?)*[-_]?)([:/.|#{}=].*)$/.exec(shape) ?? [];
  return word === '' || COMMON.has(word.replace(/[-_]$/, '').toLowerCase()) ? shape : `*${rest}`;
}

/** Whether it has more words than its first one: `ann:cart:*`, not `orders:{uuid}`. */
export const isOfSeveralWords = (shape: string): boolean => /[a-z]/i.test(withoutFirstWord(shape).replace(/\{[^}]*\}/g, ''));

/** Those of the catalogue that show something of their own. */
const OWN = CATALOGUE.flatMap(({ name, rules }) =>
  rules.flatMap(({ role, type, evidence }) => (role === 'session' && evidence && !evidence.isWeak ? [{ name, type, evidence }] : [])),
);
/** Hash fields that are asked for to find what an unknown hash resembles. */
export const EVIDENT_FIELDS = [...new Set(OWN.flatMap(({ evidence }) => evidence.fields ?? []))];
/** What is asked of longer ones. */
export const LONG_FIELDS = OWN.flatMap(({ evidence }) => longFieldsOf(evidence));

const FIRST_BYTES = 3;
/** Names of fields that a program gives, in as many as a checkpoint has room for. */
const FIELD = /^[A-Za-z_][A-Za-z_.:-]{0,40}$/;
const MOST_FIELDS = 8;

/** What a value shows, without any of it but its first three bytes. */
export function learnFrom(key: string, type: string, value: KeyValue): Pick<LearnedShape, 'firstBytes' | 'resembles' | 'fields'> {
  const { text } = value;
  const resembles = OWN.find((one) => one.type === type && one.evidence.shows(value, key))?.name;
  const rankOf = (name: string) => `${EVIDENT_FIELDS.includes(name) ? 0 : 1} ${name}`;
  const names = [...Object.keys(value.fields), ...(value.names ?? [])].filter((name) => FIELD.test(name));
  const fields = [...new Set(names)].toSorted((one, other) => (rankOf(one) < rankOf(other) ? -1 : 1)).slice(0, MOST_FIELDS);
  const first = text === undefined || text === UNREAD ? '' : text.start.slice(0, FIRST_BYTES);
  return {
    ...(resembles && { resembles }),
    ...(fields.length > 0 && { fields }),
    // Letters and digits alone can be the beginning of a password.
    ...(first && !/^[A-Za-z0-9]+$/.test(first) && { firstBytes: Buffer.from(first, 'latin1').toString('hex') }),
  };
}

/** Words of what a program works through, in names that say nothing of a session. */
const OF_WORK = /(?:^|[^a-z])(?:jobs?|tasks?|queues?|locks?|carts?|baskets?|orders?|cache)(?![a-z])/i;

const OF_SESSIONS = /sess|sid|auth|login|token/i;

/** The dialect that takes such keys for sessions, as it stands in the configuration; undefined where no part of the name is an id. */
export function dialectOf({ shape, type, firstBytes, fields = [] }: LearnedShape): object | undefined {
  const ids = shape.match(/\{(?:uuid|id(?::\d+)?)\}/g) ?? [];
  const [field] = fields;
  const isOwn =
    type === 'string'
      ? firstBytes === undefined
        ? OF_SESSIONS.test(shape)
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
