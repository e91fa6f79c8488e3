/** The way to the site itself, past the caches in front of it. */
import { randomBytes } from 'node:crypto';

/** What a browser sends when its user reloads a page in full. */
export const PAST_CACHES = { 'cache-control': 'no-cache', pragma: 'no-cache' };

/** The address with a query that no cache knows, and that sites ignore. */
export function pastCaches(url: URL): URL {
  const past = new URL(url);
  past.search = `${url.search === '' ? '?' : `${url.search}&`}canary=${randomBytes(6).toString('hex')}`;
  return past;
}
