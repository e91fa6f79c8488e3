/** What values of session frameworks show, as far as other programs' values do not: fields, classes and first bytes. Pure. */
import { isRecord, parseJson } from '../../shared/json.ts';
import type { Evidence } from './dialect.ts';
import { cookieIn, type KeyText, type KeyValue, type LongField, readBetterAuth, readKoa, recordIn, UNREAD } from './read-expiry.ts';

/** @param shows is not asked about a text that could not be read, nor about an empty one */
export const ofText = (shows: (text: KeyText, key: string) => boolean): Evidence => ({
  shows: ({ text }, key) => text !== undefined && text !== UNREAD && text.start.length > 0 && shows(text, key),
});

/** What it reads of fields that can be long. */
export const longFieldsOf = ({ fields = [], start, existing }: Evidence): readonly LongField[] => [
  ...(start === undefined ? [] : [{ name: start, after: fields.at(-1) }]),
  ...(existing === undefined ? [] : [{ name: existing }]),
];

/** All of these fields can be read as numbers. */
export const numbersIn = (...fields: readonly string[]): Evidence => ({
  fields,
  shows: (value) => fields.every((field) => numberIn(value, field) !== undefined),
});

function numberIn({ fields }: KeyValue, field: string): number | undefined {
  const value = fields[field];
  return typeof value === 'string' ? readNumber(value) : undefined;
}

/**
 * ASP.NET Core's session in its distributed cache: with a sliding expiry only, and data of its own version 2. Anything else there is an entry of
 * the application's cache. Of data of more than 64 KiB the fields count alone.
 */
export const ASP_NET_SESSION: Evidence = {
  fields: ['absexp', 'sldexp'],
  start: 'data',
  shows(value) {
    const { data } = value.fields;
    // Its version, a count of three bytes, and an id of sixteen.
    const isOfSession = data === UNREAD || (data !== undefined && data.length >= 20 && data.startsWith('\x02\0'));
    return numberIn(value, 'absexp') === -1 && (numberIn(value, 'sldexp') ?? 0) > 0 && isOfSession;
  },
};

/** Magento's hash. */
export const MAGENTO_SESSION: Evidence = {
  fields: ['writes'],
  existing: 'data',
  shows: (value) => 'data' in value.fields && numberIn(value, 'writes') !== undefined,
};

/** @mgcrea/fastify-session's hash: an object of JSON, and its end in milliseconds. */
export const MGCREA_SESSION: Evidence = {
  fields: ['expiry'],
  start: 'data',
  isWeak: true,
  shows: (value) => {
    const { data } = value.fields;
    return (numberIn(value, 'expiry') ?? 0) >= 1e12 && (data === UNREAD || data?.startsWith('{') === true);
  },
};

/** PHP's own serialisation of a session: `name|`, then a serialised value; or one array, of which Symfony's first part shows. */
export const phpSession = ofText(({ start }) => /^[\w.-]+\|(?:[abdisOC]:|N;)/.test(start) || /^a:\d+:\{s:15:"_sf2_attributes"/.test(start));
/** By any of its serialisers: its own, one array, igbinary's version 2, or nothing yet. */
export const anyPhpSession: Evidence = {
  shows: (value, key) => {
    const { text } = value;
    if (text === undefined || text === UNREAD) return false;
    return text.start === '' || /^a:\d+:\{/.test(text.start) || text.start.startsWith('\0\0\0\x02') || phpSession.shows(value, key);
  },
};
/** It begins with these bytes. */
export const startsWith = (...beginnings: readonly string[]): Evidence =>
  ofText(({ start }) => beginnings.some((one) => start.startsWith(one)));

/** An object of the JDK's serialisation, of a class with this name, which stands within the first 128 bytes. */
export const javaObject = (className: string): Evidence => ofText(({ start }) => isJavaObject(start, className));

export const isJavaObject = (start: string, className: string): boolean =>
  start.startsWith('\xac\xed\x00\x05') && start.slice(0, 128).includes(className);

/** Both read the same. */
export const either = (one: Evidence, other: Evidence): Evidence => ({
  ...one,
  shows: (value, key) => one.shows(value, key) || other.shows(value, key),
});

export const orWhole = (text: string, other: Evidence): Evidence => ({
  ...other,
  shows: (value, key) =>
    (value.text !== undefined && value.text !== UNREAD && value.text.isWhole && value.text.start === text) || other.shows(value, key),
});

/** Bytes that nothing more is known of: not a number, and as long as the least that a session is. */
export const opaque: Evidence = { ...ofText(({ start }) => start.length >= 32 && !/^[\d.]+$/.test(start)), isWeak: true };

/** A gob of Go, of a map from anything to anything: gorilla's sessions are one. */
export const gobMap = ofText(({ start }) => {
  // The length of the type's definition and a number, in two or three bytes; then the type's number; and what its keys and values are.
  const at = start.indexOf('\x04\x01\x02\xff');
  return (at === 2 || at === 3) && start.slice(at + 5, at + 11) === '\0\x01\x10\x01\x10\0';
});

/** A map of MessagePack, a pickle of Python, or an object of JSON: what Flask and its like keep a session in. */
export const mapping: Evidence = {
  ...ofText((text) => {
    if (cookieIn(text) || readKoa(text) || readBetterAuth(text)) return false;
    const [first = 0, second = 0] = [text.start.charCodeAt(0), text.start.charCodeAt(1)];
    const isMap = (first >= 0x81 && first <= 0x8f) || first === 0xde || first === 0xdf;
    // 0x80 is an empty map, and the protocol of a pickle.
    const isPickle = first === 0x80 && (text.start.length === 1 || (second >= 2 && second <= 5));
    return isMap || isPickle || (text.isWhole ? recordIn(text) !== undefined : text.start.startsWith('{"'));
  }),
  isWeak: true,
};

/**
 * What programs of conversations keep below `session:` too: what was said, or the id of the session itself, which no framework of web
 * sessions writes into its value.
 */
export const CONVERSATION =
  /"(?:messages|(?:chat_?|conversation_?)?history|conversation|transcript|turns|session_?id|conversation_?id|thread_?id)"\s*:|"role"\s*:\s*"(?:user|assistant|system|tool)"/i;

/** The same, where the name is that of such programs too. */
export const webMapping: Evidence = {
  ...mapping,
  shows(value, key) {
    const { text } = value;
    if (text === undefined || text === UNREAD || !mapping.shows(value, key)) return false;
    const seen = text.start + (text.end ?? '');
    return !text.start.startsWith('{') || !(CONVERSATION.test(seen) || seen.includes(key.slice(key.lastIndexOf(':') + 1)));
  },
};

/**
 * Remix's session: an array of what it keeps, and of what the next request gets alone, which is mostly nothing. Two entries of a list have the
 * same names, and turns of a conversation too.
 */
export const remixSession = ofText(({ start, end, isWhole }) => {
  if (!start.startsWith('[{') || CONVERSATION.test(start)) return false;
  if (!isWhole) return end?.endsWith(',{}]') === true && !CONVERSATION.test(end);
  const [kept, next, ...more] = asArray(parseJson(start));
  if (!isRecord(kept) || !isRecord(next) || more.length > 0) return false;
  return Object.keys(next).every((name) => !Object.hasOwn(kept, name));
});

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** torndsession keeps the end of a session in its pickle, as a datetime. */
export const torndSession = ofText(({ start, end = '' }) => start.startsWith('\x80') && `${start}${end}`.includes('__expires__'));

/** Laravel's session, as its cache serialises it: PHP's array or an object of JSON with what Laravel keeps there, or what it has encrypted. */
export const laravelSession = ofText(({ start }, key) => {
  const [, inner] = /^s:\d+:"(.*)$/s.exec(start) ?? [];
  if (inner === undefined) return false;
  const hasOwn = /"_(?:token|flash|previous)"/.test(inner);
  // Entries of a cache have the digest of their name; the id of a session has other letters.
  return (
    ((/^a:\d+:\{/.test(inner) || inner.startsWith('{')) && hasOwn) || (inner.startsWith('eyJpdiI6') && /[g-zA-Z]/.test(key.slice(-40)))
  );
});

/** A value of Django's signing: what is signed, in base64url and often compressed; when, in base 62; and the signature. */
export const djangoSigned = ofText(
  ({ start, end, isWhole }) => /^\.?[\w-]{16,}(?::|$)/.test(start) && /:[0-9A-Za-z]{6}:[\w-]{43}$/.test(isWhole ? start : (end ?? '')),
);

/** AdonisJS signs what it keeps for a purpose, which is the session's id. */
export const adonisSession = ofText(({ start, end, isWhole }, key) => {
  const [, purpose = ''] = /,"purpose":"([0-9a-z]{20,32})"\}$/.exec(isWhole ? start : (end ?? '')) ?? [];
  return start.startsWith('{"message":{') && purpose !== '' && key.endsWith(purpose);
});

/** Sa-Token's session has its class and its own key. */
export const saTokenSession = ofText(
  ({ start }, key) => start.startsWith('{"@class":"cn.dev33.satoken.') && start.slice(0, 256 + key.length).includes(`"id":"${key}"`),
);

export const jsonWith = (...names: readonly string[]): Evidence =>
  ofText((text) => {
    const record = recordIn(text);
    return record ? names.every((name) => name in record) : !text.isWhole && names.every((name) => text.start.includes(`"${name}":`));
  });

/** Numbers and truth values as session frameworks write them into hash fields. Pure. */

/** A number as text: its digits, the same in quotes, or typed by Jackson: `["java.lang.Long",1700000000000]`. */
const DIGITS = '(0|-?[1-9]\\d{0,18})';
const TEXT = new RegExp(`^(?:${DIGITS}|"${DIGITS}"|\\["java\\.lang\\.(?:Long|Integer)",${DIGITS}\\])$`);

/**
 * What the JDK's serialisation writes before the value: class name, serialVersionUID, the field, and the superclass.
 * Spring Session's default, and Redisson's SerializationCodec.
 */
const NUMBER = '787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870';
const JDK_LONG = Buffer.from(`aced00057372000e6a6176612e6c616e672e4c6f6e673b8be490cc8f23df0200014a000576616c7565${NUMBER}`, 'hex');
const JDK_INTEGER = Buffer.from(`aced0005737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565${NUMBER}`, 'hex');

const JDK_BOOLEAN = Buffer.from(
  'aced0005737200116a6176612e6c616e672e426f6f6c65616ecd207280d59cfaee0200015a000576616c75657870',
  'hex',
).toString('latin1');

/** Class ids that Kryo 5 registers for int (0) and long (7), plus 2. Redisson's default since 3.19 writes one of them first. */
const KRYO_INT = 0x02;
const KRYO_LONG = 0x09;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  // Kryo's class id of boolean, plus 2.
  ['\x05\x01', true],
  ['\x05\x00', false],
  [`${JDK_BOOLEAN}\x01`, true],
  [`${JDK_BOOLEAN}\x00`, false],
]);

/** @param value bytes as characters (latin1) @returns undefined for a value in any other form */
export const readBoolean = (value: string): boolean | undefined => BOOLEANS.get(value);

/**
 * A whole number in one of the forms above, and only if the whole value has that form.
 * @param value bytes as characters (latin1)
 * @returns undefined for a value in any other form
 */
export function readNumber(value: string): number | undefined {
  const [, plain, quoted, typed] = TEXT.exec(value) ?? [];
  const digits = plain ?? quoted ?? typed;
  if (digits !== undefined) return Number(digits);
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length === JDK_LONG.length + 8 && bytes.indexOf(JDK_LONG) === 0) return Number(bytes.readBigInt64BE(JDK_LONG.length));
  if (bytes.length === JDK_INTEGER.length + 4 && bytes.indexOf(JDK_INTEGER) === 0) return bytes.readInt32BE(JDK_INTEGER.length);
  if (bytes[0] === KRYO_INT) return readVariableLength(bytes.subarray(1), 5);
  if (bytes[0] === KRYO_LONG) return readVariableLength(bytes.subarray(1), 9);
  return undefined;
}

/**
 * Kryo's variable-length number: seven bits per byte, the lowest first; every byte but the last has its top bit set (the ninth
 * has eight bits of value). The sign is the lowest bit.
 * @see https://github.com/EsotericSoftware/kryo/blob/master/src/com/esotericsoftware/kryo/io/Output.java writeVarLong
 */
function readVariableLength(bytes: Buffer, most: number): number | undefined {
  const last = bytes.length - 1;
  // Kryo writes the shortest form: a last byte of 0 would be one too many.
  if (last < 0 || bytes.length > most || (last > 0 && bytes[last] === 0)) return undefined;
  let value = 0n;
  for (const [at, byte] of bytes.entries()) {
    const isFull = at === 8;
    if (!isFull && byte >= 0x80 !== at < last) return undefined;
    value |= BigInt(isFull ? byte : byte & 0x7f) << BigInt(7 * at);
  }
  if (most === 5 && value >= 1n << 32n) return undefined;
  return Number((value >> 1n) ^ -(value & 1n));
}
