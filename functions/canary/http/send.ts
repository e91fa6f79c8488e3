/** One HTTP request and its answer, without redirects, cookies or repetition. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { NoAnswer } from '../errors.ts';
import { parseSetCookie, type SetCookie } from './cookie-jar.ts';

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

/** @throws NoAnswer within `timeoutMs` */
export type Send = (request: HttpRequest, timeoutMs: number) => Promise<HttpAnswer>;

/** @param ca certificates of authorities, as PEM. @default those that Node.js trusts, and those of NODE_EXTRA_CA_CERTS */
export const createSend =
  ({ ca }: { readonly ca?: string } = {}): Send =>
  ({ method, url, headers, body }, timeoutMs) =>
    new Promise((resolve, reject) => {
      const start = url.protocol === 'https:' ? requestHttps : requestHttp;
      const signal = AbortSignal.timeout(timeoutMs);
      const fail = (error: NodeJS.ErrnoException) => {
        const code = signal.aborted ? 'ETIMEDOUT' : (error.code ?? error.name);
        const why = signal.aborted ? `none within ${timeoutMs / 1_000} s` : code;
        // The error does not name the path: a redirect can lead to a path that contains a session id.
        reject(new NoAnswer(`${method} ${url.origin}`, code, why));
      };
      const sent = start(url, {
        method,
        signal,
        headers: {
          // Bodies are searched: a compressed one could not be.
          'accept-encoding': 'identity',
          ...headers,
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
        },
        ...(ca !== undefined && { ca }),
      });
      sent.once('error', fail);
      sent.once('response', (response) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        const settle = () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
            setCookies: (response.headers['set-cookie'] ?? []).flatMap((line) => parseSetCookie(line) ?? []),
            body: Buffer.concat(parts).toString('utf8'),
          });
        response.on('data', (part: Buffer) => {
          parts.push(part);
          bytes += part.length;
          if (bytes <= MOST_BODY_BYTES) return;
          settle();
          response.destroy();
        });
        response.once('error', fail);
        response.once('end', settle);
      });
      sent.end(body);
    });
