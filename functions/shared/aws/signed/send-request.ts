import http from 'node:http';
import https from 'node:https';
import type { HttpRequest } from '@smithy/types';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** The largest answer of the services that are called so is a page of DynamoDB, 1 MB of data. */
const LONGEST_ANSWER_BYTES = 16 * 1024 * 1024;

/** Connections stay open between the calls of one execution environment. */
const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) } as const;

/**
 * Sends one signed request. It asks for an answer as it is, not a compressed one.
 * @param limitMs from connecting to the end of the answer
 * @throws Error named TimeoutError, or Node's own with its `code`
 */
export function sendRequest({ method, protocol, hostname, port, path, headers, body }: HttpRequest, limitMs: number): Promise<HttpAnswer> {
  const isPlain = protocol === 'http:';
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    const request = (isPlain ? http : https).request(
      {
        method,
        hostname,
        port,
        path,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        agent: agents[isPlain ? 'http:' : 'https:'],
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > LONGEST_ANSWER_BYTES) request.destroy(new Error(`${hostname} sent more than ${LONGEST_ANSWER_BYTES} bytes`));
        });
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    const timer = setTimeout(() => request.destroy(timeOut(hostname, limitMs)), limitMs);
    request.on('error', fail);
    request.end(body);
  });
}

const timeOut = (hostname: string, limitMs: number): Error =>
  Object.assign(new Error(`${hostname} did not answer within ${limitMs / 1000} s`), { name: 'TimeoutError' });
