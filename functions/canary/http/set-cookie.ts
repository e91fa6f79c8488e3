/** A Set-Cookie header, and why a browser would not keep its cookie. @see https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis */

import { isIP } from 'node:net';
import { Cookie, domainMatch, getPublicSuffix } from 'tough-cookie';

export interface SetCookie {
  /** Empty where the header has a value alone, which browsers keep and send as it is. */
  readonly name: string;
  /** The value as it is sent, not decoded. */
  readonly value: string;
  readonly domain?: string;
  readonly path?: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** In lower case, and only one that browsers know. */
  readonly sameSite?: string;
  readonly maxAgeSeconds?: number;
  readonly expiresMs?: number;
  /** Kept for each site that embeds this one: another cookie than one without. */
  readonly partitioned?: boolean;
}

/** Name and value together. */
const MOST_COOKIE_BYTES = 4_096;
/** Browsers leave out an attribute with a longer value. */
const MOST_ATTRIBUTE_BYTES = 1_024;

/** @returns undefined for a line that sets nothing */
export function parseSetCookie(line: string): SetCookie | undefined {
  const [pair = '', ...rest] = line.split(';');
  const attributes = rest.map(attributeOf).filter(({ value }) => value.length <= MOST_ATTRIBUTE_BYTES);
  const read = Cookie.parse([pair, ...attributes.map(({ name, value }) => `${name}=${value}`)].join(';'), { loose: true });
  if (read === undefined || (read.key === '' && read.value === '')) return undefined;
  // The parser takes the last one that has a value; browsers take the last one.
  const last = (wanted: string) => attributes.findLast(({ name }) => name === wanted)?.value ?? '';
  const path = last('path');
  return {
    name: read.key,
    value: read.value,
    secure: read.secure,
    httpOnly: read.httpOnly,
    ...(last('domain') !== '' && { domain: last('domain').replace(/^\./, '').toLowerCase() }),
    ...(path.startsWith('/') && { path }),
    ...(read.sameSite && { sameSite: read.sameSite }),
    ...(typeof read.maxAge === 'number' && { maxAgeSeconds: read.maxAge }),
    ...(read.expires instanceof Date && { expiresMs: read.expires.getTime() }),
    ...(attributes.some(({ name }) => name === 'partitioned') && { partitioned: true }),
  };
}

/** As the parser reads it where browsers read more: a number with a plus, and a year before those of its calendar, which is over. */
function attributeOf(text: string): { readonly name: string; readonly value: string } {
  const [before = '', ...after] = text.split('=');
  const [name, value] = [before.trim().toLowerCase(), after.join('=').trim()];
  if (name === 'max-age') return { name, value: value.replace(/^\+/, '') };
  return { name, value: name === 'expires' ? value.replace(/\b(?:1[0-5]\d\d|1600)\b/, '1970') : value };
}

/** Why browsers do not keep a cookie that an answer of `url` sets, as the end of a sentence; undefined for one that they keep. */
export function dropReason(
  { name, value, domain, path, secure, httpOnly, sameSite, partitioned }: SetCookie,
  url: URL,
): string | undefined {
  const bytes = Buffer.byteLength(name + value);
  if (bytes > MOST_COOKIE_BYTES) return `has ${bytes} bytes with its name, and ${MOST_COOKIE_BYTES} are the most`;
  if (domain !== undefined && (domain.startsWith('.') || !domainMatch(url.hostname, domain)))
    return 'has a Domain that is not that of its host';
  if (domain !== undefined && domain !== url.hostname && hasNoHosts(domain)) return 'has a Domain under which anybody can have a host';
  const prefix = /^__(?:Host-Http|Http|Host|Secure)-/i.exec(name || value)?.[0];
  const isOfHost = /host/i.test(prefix ?? '');
  if (name === '' && prefix !== undefined) return `has no name, and a value that begins with ${prefix}`;
  if (prefix !== undefined && !secure) return `has the prefix ${prefix} and no Secure`;
  if (/http/i.test(prefix ?? '') && !httpOnly) return `has the prefix ${prefix} and no HttpOnly`;
  if (isOfHost && path !== '/') return `has the prefix ${prefix} and not Path=/`;
  if (isOfHost && domain !== undefined) return `has the prefix ${prefix} and a Domain`;
  if (sameSite === 'none' && !secure) return 'has SameSite=None and no Secure';
  if (partitioned && !secure) return 'has Partitioned and no Secure';
  if (secure && !isTrustworthy(url)) return 'has Secure, and came by plain HTTP';
  return undefined;
}

/** By HTTPS, or from this machine: browsers send Secure cookies there by plain HTTP too. */
export const isTrustworthy = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';

/** An address, a single label, or a public suffix: a Domain of it is that of one host alone. */
export const hasNoHosts = (domain: string): boolean =>
  isIP(domain) !== 0 || !domain.includes('.') || getPublicSuffix(domain, { allowSpecialUseDomain: true, ignoreError: true }) === undefined;
