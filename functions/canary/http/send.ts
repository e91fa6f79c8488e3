/** One HTTP request and its answer, without redirects, cookies or repetition. */
import { type ClientRequest, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { NoAnswer, RecipeFailed } from '../errors.ts';
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

/** @throws NoAnswer within `timeoutMs`, RecipeFailed for a request that HTTP does not allow */
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
      const options = {
        method,
        signal,
        headers: {
          // Bodies are searched: a compressed one could not be.
          'accept-encoding': 'identity',
          ...headers,
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
        },
        ...(ca !== undefined && { ca }),
      };
      const sent = begin(() => start(url, options), `${method} ${url.origin}`);
      sent.once('error', fail);
      // The request ends without an error of its own where a connection does without an answer.
      let isAnswered = false;
      sent.once('close', () => {
        if (!isAnswered) fail({ name: 'closed', message: '' });
      });
      // Node.js gives an answer that changes the protocol, which nobody has asked for, to this listener alone. The connection would stay.
      sent.once('upgrade', ({ statusCode = 101 }, socket) => {
        socket.destroy();
        resolve({ status: statusCode, headers: {}, setCookies: [], body: '' });
      });
      sent.once('response', (response) => {
        isAnswered = true;
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

/** Begins a request. @throws RecipeFailed for what Node.js refuses: a value that a step took, a cookie or an address that the site names */
function begin(start: () => ClientRequest, what: string): ClientRequest {
  try {
    return start();
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    const why =
      code === 'ERR_INVALID_CHAR'
        ? 'a header would have a character that HTTP does not allow'
        : `the request cannot be made (${code ?? name})`;
    throw new RecipeFailed(`${what}: ${why}: check what earlier steps take for it`, { cause: error });
  }
}
