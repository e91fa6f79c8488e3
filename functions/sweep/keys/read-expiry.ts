/** When a session that is stored as JSON expires. Pure. */
import { isRecord, parseJson } from '../../shared/json.ts';

export interface Expiry {
  /** Milliseconds since the epoch; undefined for a session that says nothing of it. */
  readonly expiresMs?: number;
  /** Lifetime that each use renews: the cookie's `originalMaxAge`. */
  readonly maxAgeSeconds?: number;
  /** Both are those of a session's cookie, and not of another object that has an `expires`, such as a one-time password. */
  readonly isOfCookie: boolean;
}

/** express-session puts the cookie first, and a cookie is flat. */
const COOKIE_FIRST = /^\s*\{\s*"cookie"\s*:\s*(\{[^{}]*\})/;
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/;

/**
 * The expiry in a session's JSON: in its `cookie` (connect-redis), or its own (Auth.js).
 * @param text the value, or its beginning
 * @param isWhole false where the value is longer than `text`: then only a cookie at its beginning can be read
 * @returns undefined where it cannot be read: another serializer, a date in another form, or a cookie further behind
 */
export function readExpiry(text: string, isWhole: boolean): Expiry | undefined {
  const session = recordIn(isWhole ? text : '');
  const own = isWhole ? session?.['cookie'] : recordIn(COOKIE_FIRST.exec(text)?.[1] ?? '');
  const cookie = own ?? session;
  if (!isRecord(cookie)) return undefined;
  const { expires, originalMaxAge } = cookie;
  // express-session writes null for a cookie that ends with the browser, and false where the application set that.
  const hasExpiry = expires !== undefined && expires !== null && expires !== false;
  const expiresMs = hasExpiry && typeof expires === 'string' && ISO_DATE.test(expires) ? Date.parse(expires) : Number.NaN;
  if (hasExpiry && Number.isNaN(expiresMs)) return undefined;
  const hasMaxAge = originalMaxAge !== undefined && originalMaxAge !== null;
  if (hasMaxAge && !(typeof originalMaxAge === 'number' && Number.isFinite(originalMaxAge))) return undefined;
  return {
    ...(hasExpiry && { expiresMs }),
    ...(hasMaxAge && { maxAgeSeconds: (originalMaxAge as number) / 1_000 }),
    isOfCookie: own !== undefined && own !== null,
  };
}

function recordIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text);
  return isRecord(value) ? value : undefined;
}
