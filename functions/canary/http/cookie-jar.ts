/** Cookies as a browser keeps and sends them, for one site and its sign-in pages. What Chromium does decides: test/corpus/cookies. */
import { defaultPath, domainMatch, getPublicSuffix, pathMatch } from 'tough-cookie';
import { dropReason, hasNoHosts, isTrustworthy, type SetCookie } from './set-cookie.ts';

export interface Cookie extends SetCookie {
  readonly host: string;
  readonly setAtMs?: number;
}

export interface Dropped {
  readonly name: string;
  /** The end of a sentence. */
  readonly why: string;
}

/** One for the domain and one for its host alone are two cookies. */
const keyOf = ({ name, path, domain, host, partitioned }: Cookie): string =>
  JSON.stringify([name, path ?? '/', domain ?? '', domain === undefined ? host : '', partitioned ?? false]);
const isOver = ({ maxAgeSeconds, expiresMs }: SetCookie, nowMs: number): boolean =>
  maxAgeSeconds === undefined ? expiresMs !== undefined && expiresMs <= nowMs : maxAgeSeconds <= 0;

export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  constructor(cookies: readonly Cookie[] = []) {
    for (const cookie of cookies) this.#cookies.set(keyOf(cookie), cookie);
  }

  /** Keeps what an answer of `url` sets, and forgets what it clears. @returns what a browser would not keep of it */
  store(setCookies: readonly SetCookie[], url: URL, nowMs: number): readonly Dropped[] {
    return setCookies.flatMap((each): Dropped[] => {
      const why =
        dropReason(each, url) ?? (this.#hidesSecure(each, url) ? 'would hide one with Secure, and came by plain HTTP' : undefined);
      // What a browser does not remove, it did not keep, or keeps as before.
      if (why !== undefined) return isOver(each, nowMs) ? [] : [{ name: each.name, why }];
      const { domain, ...rest } = each;
      const isOfHost = domain === undefined || hasNoHosts(domain);
      const path = each.path ?? defaultPath(url.pathname);
      const cookie = { ...rest, ...(!isOfHost && { domain }), path, host: url.hostname, setAtMs: nowMs };
      const key = keyOf(cookie);
      // One with another value is a new one, which is sent after older ones.
      if (isOver(each, nowMs) || this.#cookies.get(key)?.value !== each.value) this.#cookies.delete(key);
      if (!isOver(each, nowMs)) this.#cookies.set(key, cookie);
      return [];
    });
  }

  /** Plain HTTP may not put a cookie before one that came by HTTPS. */
  #hidesSecure({ name, path, domain }: SetCookie, url: URL): boolean {
    if (isTrustworthy(url)) return false;
    const at = path ?? defaultPath(url.pathname);
    return this.list().some(
      (one) => one.secure && one.name === name && pathMatch(at, one.path ?? '/') && (domain !== undefined || isAt(one, url.hostname)),
    );
  }

  /** The Cookie header of a request; undefined without cookies for it. */
  header(url: URL): string | undefined {
    const sent = this.sentTo(url);
    return sent.length === 0 ? undefined : sent.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
  }

  list(): readonly Cookie[] {
    return [...this.#cookies.values()];
  }

  /** Value of the cookie that a request of `url` would send under that name. */
  valueOf(name: string, url: URL): string | undefined {
    return this.sentTo(url).find((cookie) => cookie.name === name)?.value;
  }

  /** Those of the longest path first, and older ones before newer ones. */
  sentTo(url: URL): readonly Cookie[] {
    const length = ({ path = '/' }: Cookie) => path.length;
    return this.list()
      .filter((cookie) => isFor(cookie, url))
      .toSorted((one, other) => length(other) - length(one));
  }

  filter(keep: (cookie: Cookie) => boolean): CookieJar {
    return new CookieJar(this.list().filter(keep));
  }

  copy(): CookieJar {
    return this.filter(() => true);
  }
}

const isAt = ({ domain, host }: Cookie, hostname: string): boolean =>
  domain === undefined ? hostname === host : domainMatch(hostname, domain) === true;
const isFor = (cookie: Cookie, url: URL): boolean =>
  isAt(cookie, url.hostname) && pathMatch(url.pathname, cookie.path ?? '/') && (!cookie.secure || isTrustworthy(url));

/**
 * A name for messages: of a part that can be drawn, letters and digits in turn, the beginning is shown. Laravel's cookie driver, for one,
 * names a cookie by the session's id.
 */
export const shownName = (name: string): string =>
  name.replace(/[A-Za-z\d]{20,}|(?=[A-Za-z\d]*\d[A-Za-z\d]*\d)(?=[A-Za-z\d]*[A-Za-z])[A-Za-z\d]{8,}/g, (part) => `${part.slice(0, 4)}…`);

export const cookiesText = (names: readonly string[]): string =>
  `${names.length === 1 ? 'cookie' : 'cookies'} ${names.map(shownName).join(' and ')}`;

/** Cookies by which a load balancer finds a server again: they are not the application's. Those by which it signs users in are examined. */
export const isLoadBalancers = (name: string): boolean =>
  /^(?:AWSALB(?:TG)?(?:CORS)?$|AWSELB(?:CORS)?$|ARRAffinity|BIGipServer|SERVERID$|INGRESSCOOKIE$|GCLB$|GCILB$|ROUTEID$)/.test(name);

/** A public suffix and one label, which host and cookie share; the host itself where it has none. */
const siteOf = (host: string): string => getPublicSuffix(host, { allowSpecialUseDomain: true, ignoreError: true }) ?? host;

/**
 * Whether an answer has browsers remove the cookie, also one that the answer sets itself. They do so for the whole site of its host.
 * @see https://www.w3.org/TR/clear-site-data/
 */
export function isCleared({ host }: Cookie, url: URL, header = ''): boolean {
  const clears = header.split(',').some((type) => ['"cookies"', '"*"'].includes(type.trim()));
  return clears && isTrustworthy(url) && siteOf(host) === siteOf(url.hostname);
}
