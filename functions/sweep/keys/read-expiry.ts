/** When a session that is stored as JSON expires, by the framework that wrote it. Pure. */
import { isRecord, parseJson } from '../../shared/json.ts';

type Json = Readonly<Record<string, unknown>>;

const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/;

/** Several rules ask for the same text. */
const records = new WeakMap<KeyText, { readonly record: Json | undefined }>();

/** The whole text as an object; undefined where it is another value, or longer than what was read. */
export function recordIn(text: KeyText): Json | undefined {
  const known = records.get(text) ?? { record: text.isWhole ? asRecord(text.start) : undefined };
  records.set(text, known);
  return known.record;
}

function asRecord(text: string | undefined): Json | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  return isRecord(value) ? value : undefined;
}

/** express-session puts the cookie first, older versions of fastify's last, and a cookie is flat. */
const COOKIE_FIRST = /^\s*\{\s*"cookie"\s*:\s*(\{[^{}]*\})/;
const COOKIE_LAST = /,"cookie":(\{[^{}]*\})\}\s*$/;

/** The session's cookie, of express-session or fastify's session. It has at least one of the two that its life is read from. */
export function cookieIn(text: KeyText): Json | undefined {
  const whole = recordIn(text)?.['cookie'];
  const cookie = text.isWhole
    ? isRecord(whole)
      ? whole
      : undefined
    : asRecord(COOKIE_FIRST.exec(text.start)?.[1] ?? COOKIE_LAST.exec(text.end ?? '')?.[1]);
  return cookie && ('originalMaxAge' in cookie || 'expires' in cookie) ? cookie : undefined;
}

/** @returns undefined where it cannot be read: another serializer, or a date in another form */
export function readCookie(text: KeyText): Expiry | undefined {
  const cookie = cookieIn(text);
  if (cookie === undefined) return undefined;
  const { expires, originalMaxAge } = cookie;
  // express-session writes null for a cookie that ends with the browser, and false where the application set that.
  const expiresMs = expires === null || expires === false || expires === undefined ? undefined : dateOf(expires);
  const maxAgeSeconds =
    originalMaxAge === undefined ? nextSeconds(text, cookie) : originalMaxAge === null ? undefined : secondsOf(originalMaxAge);
  if (Number.isNaN(expiresMs) || Number.isNaN(maxAgeSeconds)) return undefined;
  return { ...(expiresMs !== undefined && { expiresMs }), ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) };
}

/** As milliseconds it would be under three hours. */
const LONGEST_NEXT_SECONDS = 10_000_000;

/** next-session has no originalMaxAge, but seconds, in the same place of the same store. */
function nextSeconds({ start }: KeyText, { maxAge }: Json): number | undefined {
  return typeof maxAge === 'number' && maxAge > 0 && maxAge < LONGEST_NEXT_SECONDS && COOKIE_FIRST.test(start) ? maxAge : undefined;
}

/** koa-generic-session keeps its cookie as the application set it, which has a number, or a word for a cookie that ends with the browser. */
export function readKoaGeneric(text: KeyText): Expiry | undefined {
  const whole = recordIn(text)?.['cookie'];
  const cookie = isRecord(whole) ? whole : asRecord(COOKIE_FIRST.exec(text.start)?.[1]);
  if (cookie === undefined || !('signed' in cookie) || !('overwrite' in cookie)) return undefined;
  const { maxAge } = cookie;
  return typeof maxAge === 'number' && Number.isFinite(maxAge) ? { maxAgeSeconds: maxAge / 1_000 } : {};
}

/** A text that Keyv keeps: `{"value":"…","expires":…}`. @returns the text itself; undefined for any other value */
export function textOfKeyv({ start, end }: KeyText): KeyText | undefined {
  const before = '{"value":"';
  if (!start.startsWith(before)) return undefined;
  const plain = (text: string) => text.replace(/\\(["\\])/g, '$1');
  const last = (end ?? start).replace(/",?(?:"expires":\d+)?\}$/, '');
  return { start: plain(start.slice(before.length)), end: plain(last), isWhole: false };
}

/** koa-session writes both last, and nothing but a mark into a session that ends with the browser. */
const KOA_LAST = /,"_expire":(\d{13}),"_maxAge":(\d{1,15})\}\s*$/;

export function readKoa(text: KeyText): Expiry | undefined {
  const { _expire, _maxAge, _session } = recordIn(text) ?? {};
  if (_session === true || (!text.isWhole && /,"_session":true\}\s*$/.test(text.end ?? ''))) return {};
  const [, expire, maxAge] = (text.isWhole ? undefined : KOA_LAST.exec(text.end ?? '')) ?? [];
  const [expiresMs, maxAgeMs] = [_expire ?? Number(expire), _maxAge ?? Number(maxAge)];
  if (typeof expiresMs !== 'number' || typeof maxAgeMs !== 'number' || Number.isNaN(expiresMs + maxAgeMs)) return undefined;
  return { expiresMs, maxAgeSeconds: maxAgeMs / 1_000 };
}

const CATBOX_LAST = /,"stored":(\d{13}),"ttl":(\d{1,15})\}\s*$/;

/** hapi's cache, in which yar keeps sessions: `{"item":…,"stored":…,"ttl":…}`, in milliseconds. */
export function readCatbox(text: KeyText): Expiry | undefined {
  const record = recordIn(text);
  const [, stored, ttl] = (text.isWhole ? undefined : CATBOX_LAST.exec(text.end ?? '')) ?? [];
  const [storedMs, ttlMs] = [record?.['stored'] ?? Number(stored), record?.['ttl'] ?? Number(ttl)];
  if (typeof storedMs !== 'number' || typeof ttlMs !== 'number' || Number.isNaN(storedMs + ttlMs)) return undefined;
  return { expiresMs: storedMs + ttlMs };
}

/** What hono-sessions writes last, but for the session's id. */
const HONO_LAST = /"_expire":(null|"[^"\\]{20,30}"),"_delete":(?:true|false),"_accessed":(?:null|"[^"\\]{20,30}")[^{}]*\}\s*$/;
/** Its adapter's own ttl, which a session without an end gets. */
const HONO_SECONDS = 86_400;

/** hono-sessions: `{"_data":{…},"_expire":…,"_delete":false,"_accessed":…,"_id":…}`. */
export function readHono({ start, end }: KeyText): Expiry | undefined {
  const [, expire] = (start.startsWith('{"_data":{') && HONO_LAST.exec(end ?? start)) || [];
  if (expire === undefined) return undefined;
  return expire === 'null' ? { maxAgeSeconds: HONO_SECONDS } : ofDate(expire.slice(1, -1));
}

/** Lucia: `{"id":…,"user_id":…,"active_expires":…,"idle_expires":…}`, in milliseconds since the epoch. */
export function readLucia(text: KeyText): Expiry | undefined {
  const { user_id: user, idle_expires: expiresMs } = recordIn(text) ?? {};
  return typeof user === 'string' && typeof expiresMs === 'number' ? { expiresMs } : undefined;
}

/** In a session that is longer than what was read. A quote in a user agent has a backslash before it. */
const BETTER_AUTH_EXPIRY = /^\{"session":\{.*?(?<!\\)"expiresAt":"([^"\\]{20,30})"/s;

/** Better Auth: `{"session":{"expiresAt":…,"token":…},"user":{…}}`. */
export function readBetterAuth(text: KeyText): Expiry | undefined {
  const session = recordIn(text)?.['session'];
  if (isRecord(session)) return 'expiresAt' in session ? ofDate(session['expiresAt']) : undefined;
  return text.isWhole ? undefined : ofDate(BETTER_AUTH_EXPIRY.exec(text.start)?.[1]);
}

/** Its list of a user's sessions, in the order of their ends: `[{"token":…,"expiresAt":…}]`. */
export function readBetterAuthList(text: KeyText): Expiry | undefined {
  const last = /"expiresAt":(\d{13})\}\]\s*$/.exec(text.end ?? text.start)?.[1];
  return last === undefined ? undefined : { expiresMs: Number(last) };
}

/** Auth.js: `{"sessionToken":…,"userId":…,"expires":…}`. */
export function readAuthJs(text: KeyText): Expiry | undefined {
  const session = recordIn(text);
  return session && 'sessionToken' in session && 'userId' in session ? ofDate(session['expires']) : undefined;
}

function ofDate(value: unknown): Expiry | undefined {
  const expiresMs = dateOf(value);
  return Number.isNaN(expiresMs) ? undefined : { expiresMs };
}

const dateOf = (value: unknown): number => (typeof value === 'string' && ISO_DATE.test(value) ? Date.parse(value) : Number.NaN);
/** Of milliseconds. */
const secondsOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value / 1_000 : Number.NaN);

/** What is read of a key's value, and what it states. */

/** The two ends of a string, as latin1 text. */
export interface KeyText {
  readonly start: string;
  /** Where the beginning is not all of it. */
  readonly end?: string;
  readonly isWhole: boolean;
}

/** What was read of a key's value. Bytes are characters (latin1). */
export interface KeyValue {
  /** The existing hash fields of those that were asked for. */
  readonly fields: Readonly<Record<string, string | typeof UNREAD>>;
  /** Undefined where it was not asked for. */
  readonly text?: KeyText | typeof UNREAD;
  /** Of all fields of a short hash, where they were asked for. */
  readonly names?: readonly string[] | undefined;
}

/** A field that can be long. Its beginning is read where another one exists; without such a condition only whether it exists. */
export interface LongField {
  readonly name: string;
  readonly after?: string | undefined;
}

/** When a session ends, as its own value states it. */
export interface Expiry {
  /** Milliseconds since the epoch; undefined for a session that says nothing of it. */
  readonly expiresMs?: number;
  /** Lifetime that each use renews, such as the cookie's `originalMaxAge`. */
  readonly maxAgeSeconds?: number;
}

/** A value that exists, but could not be read: too long, of another type, not permitted, or on another node. */
export const UNREAD: unique symbol = Symbol('unread');
