/** Cookies as a browser keeps them, as far as one site and its sign-in pages need it. @see https://www.rfc-editor.org/rfc/rfc6265 */

import { isIP } from 'node:net';
import { cookieDate } from './cookie-date.ts';

export interface SetCookie {
  readonly name: string;
  /** The value as it is sent, not decoded. */
  readonly value: string;
  readonly domain?: string;
  readonly path?: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** In lower case; `''` for an attribute without a value. */
  readonly sameSite?: string;
  readonly maxAgeSeconds?: number;
  /** Milliseconds since the epoch. */
  readonly expiresMs?: number;
  /** Kept for each site that embeds this one: another cookie than one without. */
  readonly partitioned?: boolean;
}

/** A cookie of a jar, as data. */
export interface Cookie extends SetCookie {
  readonly host: string;
  /** When the site set it, in milliseconds since the epoch. */
  readonly setAtMs?: number;
}

/** @returns undefined for a line without a name */
export function parseSetCookie(line: string): SetCookie | undefined {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const { name, value } = split(pair);
  if (name === '') return undefined;
  const attributes = new Map(rest.map(split).map((part) => [part.name.toLowerCase(), part.value]));
  const maxAge = attributes.get('max-age');
  const expiresMs = cookieDate(attributes.get('expires') ?? '');
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase();
  const path = attributes.get('path');
  return {
    name,
    value,
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    ...(domain && { domain }),
    ...(path?.startsWith('/') && { path }),
    ...(attributes.has('samesite') && { sameSite: attributes.get('samesite')?.toLowerCase() ?? '' }),
    ...(maxAge !== undefined && /^-?\d+$/.test(maxAge) && { maxAgeSeconds: Number(maxAge) }),
    ...(expiresMs !== undefined && { expiresMs }),
    ...(attributes.has('partitioned') && { partitioned: true }),
  };
}

function split(pair: string): { name: string; value: string } {
  const at = pair.indexOf('=');
  return at < 0 ? { name: pair.trim(), value: '' } : { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() };
}

/** One for the domain and one for its host alone are two cookies. */
const keyOf = ({ name, path, domain, host, partitioned }: Cookie): string =>
  JSON.stringify([name, path ?? '/', domain ?? '', domain === undefined ? host : '', partitioned ?? false]);
/** The folder of the page that sets a cookie without a path. @see https://www.rfc-editor.org/rfc/rfc6265#section-5.1.4 */
const folderOf = ({ pathname }: URL): string => pathname.slice(0, pathname.lastIndexOf('/')) || '/';
const isOver = ({ maxAgeSeconds, expiresMs }: SetCookie, nowMs: number): boolean =>
  maxAgeSeconds === undefined ? expiresMs !== undefined && expiresMs <= nowMs : maxAgeSeconds <= 0;

/** A browser ignores what a name with a prefix must not have, also where it would remove the cookie. */
const isMisnamed = ({ name, secure, path, domain }: SetCookie): boolean =>
  /^__(?:Secure|Host)-/i.test(name) && (!secure || (/^__Host-/i.test(name) && (path !== '/' || domain !== undefined)));

export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  constructor(cookies: readonly Cookie[] = []) {
    for (const cookie of cookies) this.#cookies.set(keyOf(cookie), cookie);
  }

  /** Keeps what an answer of `url` sets, and forgets what it clears. As in a browser, a cookie for a host that is not its own is ignored. */
  store(setCookies: readonly SetCookie[], url: URL, nowMs: number): void {
    for (const each of setCookies) {
      if (each.domain !== undefined && !covers(each.domain, url.hostname)) continue;
      if (isMisnamed(each)) continue;
      const cookie = { ...each, path: each.path ?? folderOf(url), host: url.hostname, setAtMs: nowMs };
      if (isOver(each, nowMs)) this.#cookies.delete(keyOf(cookie));
      else this.#cookies.set(keyOf(cookie), cookie);
    }
  }

  /** The Cookie header of a request; undefined without cookies for it. */
  header(url: URL): string | undefined {
    const sent = this.#sentTo(url);
    return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  list(): readonly Cookie[] {
    return [...this.#cookies.values()];
  }

  /** Value of the cookie that a request of `url` would send under that name. */
  valueOf(name: string, url: URL): string | undefined {
    return this.#sentTo(url).find((cookie) => cookie.name === name)?.value;
  }

  /** Those of the longest path first, as servers expect them. */
  #sentTo(url: URL): Cookie[] {
    const length = ({ path = '/' }: Cookie) => path.length;
    return this.list()
      .filter((cookie) => isFor(cookie, url))
      .toSorted((one, other) => length(other) - length(one));
  }

  /** A copy with the cookies that `keep` chooses. */
  filter(keep: (cookie: Cookie) => boolean): CookieJar {
    return new CookieJar(this.list().filter(keep));
  }

  copy(): CookieJar {
    return this.filter(() => true);
  }

  /** A copy in which these cookies have other values. */
  withValues(values: ReadonlyMap<string, string>): CookieJar {
    return new CookieJar(this.list().map((cookie) => ({ ...cookie, value: values.get(cookie.name) ?? cookie.value })));
  }
}

/**
 * Whether a cookie's Domain has this host. A single label, such as a top-level domain, and the end of an IP address have no other hosts.
 * Public suffixes of more labels (`co.uk`) are not known here: their list would make the function a third larger, and grow old in it. Such
 * a cookie is reported as one for other hosts all the same.
 */
const covers = (domain: string, hostname: string): boolean =>
  hostname === domain || (/[^.]\.[^.]/.test(domain) && isIP(hostname) === 0 && hostname.endsWith(`.${domain}`));

function isFor({ domain, host, path, secure }: Cookie, { hostname, pathname, protocol }: URL): boolean {
  const place = domain === undefined ? hostname === host : covers(domain, hostname);
  const folder = path ?? '/';
  const within = pathname === folder || pathname.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
  // Browsers send Secure cookies to this machine by plain HTTP too.
  return place && within && (!secure || protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1');
}

/** A cookie's name for messages. Laravel's cookie driver, for one, names a cookie by the session's id: of such a part the beginning is shown. */
export const shownName = (name: string): string =>
  name.replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[A-Za-z\d]{20,}/gi, (part) => `${part.slice(0, 4)}…`);

/** Cookies by which an AWS load balancer finds a target again: they are not the application's. */
export const isLoadBalancers = (name: string): boolean => /^AWSALB/.test(name);
