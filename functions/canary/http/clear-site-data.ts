import { getPublicSuffix } from 'tough-cookie';
import type { Cookie } from './cookie-jar.ts';
import { isTrustworthy } from './set-cookie.ts';

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
