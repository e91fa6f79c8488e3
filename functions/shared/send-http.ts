/** The one way that functions send a request to a site over HTTP. */
import http, { type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { HoldfastError } from './errors.ts';

export interface HttpCall {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface HttpLimits {
  /** From connecting to the end of the answer, milliseconds. */
  readonly timeoutMs: number;
  /** A longer body is cut. */
  readonly mostBytes: number;
  /** Certificates of authorities, as PEM. @default those that Node.js trusts, and those of NODE_EXTRA_CA_CERTS */
  readonly ca?: string | undefined;
  /** Finds a host's address. @default DNS */
  readonly lookup?: LookupFunction;
}

export interface HttpAnswer {
  readonly status: number;
  /** As Node.js reads them: names in lower case, each `set-cookie` by itself. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Node.js refuses to begin the request: a character that no header can have, an address that is none. Nothing was sent. */
export class UnfitRequest extends HoldfastError {
  override readonly name = 'UnfitRequest';
}

/**
 * Sends one request, and reads its answer. A redirect is an answer like others: it is not followed.
 * @throws UnfitRequest, an Error named TimeoutError, or Node's own with its `code`
 */
export function sendHttp(call: HttpCall, { timeoutMs, mostBytes, ca, lookup }: HttpLimits): Promise<HttpAnswer> {
  const { method, url, headers, body } = call;
  return new Promise((resolve, reject) => {
    const request = begin(url, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) },
      ...(ca !== undefined && { ca }),
      ...(lookup !== undefined && { lookup }),
    });
    let late: Error | undefined;
    const timer = setTimeout(() => {
      late = Object.assign(new Error(`${url.hostname} did not answer within ${timeoutMs / 1000} s`), { name: 'TimeoutError' });
      request.destroy(late);
    }, timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(late ?? error);
    };
    const succeed = (answer: HttpAnswer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    let isAnswered = false;
    request.on('error', fail);
    // The request ends without an error of its own where a connection does without an answer.
    request.once('close', () => {
      if (!isAnswered) fail(Object.assign(new Error(`${url.hostname} closed the connection`), { code: 'ECONNRESET' }));
    });
    // Node.js gives an answer that changes the protocol, which nobody has asked for, to this listener alone. The connection would stay.
    request.once('upgrade', ({ statusCode = 101 }, socket) => {
      socket.destroy();
      succeed({ status: statusCode, headers: {}, body: '' });
    });
    request.once('response', (response) => {
      isAnswered = true;
      const parts: Buffer[] = [];
      let bytes = 0;
      const end = () =>
        succeed({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString('utf8') });
      response.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes <= mostBytes) return;
        end();
        response.destroy();
      });
      response.on('error', fail);
      response.once('end', end);
    });
    request.end(body);
  });
}

function begin(url: URL, options: https.RequestOptions): ClientRequest {
  try {
    return (url.protocol === 'https:' ? https : http).request(url, options);
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    throw new UnfitRequest(`the request cannot be made (${code ?? name})`, { cause: error });
  }
}
