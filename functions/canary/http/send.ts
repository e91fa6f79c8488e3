import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type HttpAnswer as RawAnswer, sendHttp, UnfitRequest } from '../../shared/send-http.ts';
import { NoAnswer, RecipeFailed } from '../contract/errors.ts';
import { parseSetCookie, type SetCookie } from './set-cookie.ts';

/** Longer bodies are cut: a page that names a user is shorter. */
const MOST_BODY_BYTES = 1_048_576;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly SetCookie[];
  readonly body: string;
}

/** As Node.js names them. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const NOT_TRUSTED = 'an authority that is not trusted signed its certificate; NODE_EXTRA_CA_CERTS names a file with further ones';
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there, or a firewall says no',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNRESET: 'the connection was cut off',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS there',
};

/** @throws NoAnswer within `timeoutMs`, RecipeFailed for a request that HTTP does not allow */
export type Send = (request: HttpRequest, timeoutMs: number) => Promise<HttpAnswer>;

/**
 * @param ca certificates of authorities, as PEM. @default those that Node.js trusts, and those of NODE_EXTRA_CA_CERTS
 * @param addresses of hosts, in the place of those that DNS has @default none
 */
export const createSend =
  ({ ca, addresses }: { readonly ca?: string; readonly addresses?: ReadonlyMap<string, string> } = {}): Send =>
  async ({ headers, ...request }, timeoutMs) => {
    // Bodies are searched: a compressed one could not be.
    const call = { ...request, headers: { 'accept-encoding': 'identity', ...headers } };
    const find: LookupFunction = (host, options, done) => lookup(addresses?.get(host) ?? host, options, done);
    const limits = { timeoutMs, mostBytes: MOST_BODY_BYTES, ca, ...(addresses && { lookup: find }) } as const;
    // The error does not name the path: a redirect can lead to a path that contains a session id.
    return read(await sendHttp(call, limits).catch((error: Error) => fail(error, `${request.method} ${request.url.origin}`, timeoutMs)));
  };

const read = ({ status, headers, body }: RawAnswer): HttpAnswer => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  setCookies: (headers['set-cookie'] ?? []).flatMap((line) => parseSetCookie(line) ?? []),
  body,
});

/** Node.js refuses a value that a step took, a cookie or an address that the site names; all else is an answer that did not come. */
function fail(error: NodeJS.ErrnoException, what: string, timeoutMs: number): never {
  if (error instanceof UnfitRequest) {
    const { code } = error.cause as NodeJS.ErrnoException;
    const why = code === 'ERR_INVALID_CHAR' ? 'a header would have a character that HTTP does not allow' : error.message;
    throw new RecipeFailed(`${what}: ${why}: check what earlier steps take for it`, { cause: error.cause });
  }
  if (error.name === 'TimeoutError') throw new NoAnswer(what, 'ETIMEDOUT', `none within ${timeoutMs / 1_000} s`);
  const code = error.code ?? error.name;
  const why = CAUSES[code] ?? (UNTRUSTED.has(code) ? NOT_TRUSTED : undefined);
  throw new NoAnswer(what, code, why === undefined ? code : `${code}: ${why}`);
}

/** The way to the site itself, past the caches in front of it. */

/** What a browser sends when its user reloads a page in full. */
export const PAST_CACHES = { 'cache-control': 'no-cache', pragma: 'no-cache' };

/** The address with a query that no cache knows, and that sites ignore. */
export function pastCaches(url: URL): URL {
  const past = new URL(url);
  past.search = `${url.search === '' ? '?' : `${url.search}&`}canary=${randomBytes(6).toString('hex')}`;
  return past;
}
