/** Passes a request on to the emulator and its answer back, both streamed. */
import http from 'node:http';
import type { Transform } from 'node:stream';
import { type EmulatorAccess, RUN_HEADER, SIGNER_HEADER } from '../emulator/emulator-access.ts';
import type { WholeReply } from '../faults/carry-out.ts';

/** A deploy of a stack or a long poll can take minutes; nothing takes longer. */
export const EMULATOR_TIMEOUT_MS = 300_000;

export interface Forwarder {
  /**
   * Settles when the answer has been sent or the client has gone.
   *
   * @param body the whole body, or what the request's has to pass on its way
   * @throws Error when the emulator breaks the connection, and what `body` throws; the emulator then drops the request
   */
  forward(request: http.IncomingMessage, accessKeyId: string, response: http.ServerResponse, body?: Buffer | Transform): Promise<void>;
  /** The whole answer to a request whose body has been read. @throws Error when the emulator breaks the connection */
  exchange(request: http.IncomingMessage, accessKeyId: string, body: Buffer): Promise<WholeReply>;
  close(): void;
}

/** How a connection that the other end has closed shows itself to who writes. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE']);
/** What a response may carry only in AWS; here no page is to read anything. */
const FOR_PAGES = /^access-control-/;

interface Exchange {
  readonly answered: (incoming: http.IncomingMessage) => void;
  readonly failed: (error: Error) => void;
  /** The whole body; without it, the caller writes one. */
  readonly body?: Buffer | undefined;
  /** Breaks it off. */
  readonly signal?: AbortSignal;
}

export function createForwarder({ url, token }: Pick<EmulatorAccess, 'url' | 'token'>): Forwarder {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(url);
  const send = (
    request: http.IncomingMessage,
    accessKeyId: string,
    exchange: Exchange,
    from: http.Agent | false = agent,
  ): http.ClientRequest => {
    const { method, headers: sent, url: path } = request;
    const { answered, failed, body, signal } = exchange;
    // The emulator compares the signer that it finds with the one that was verified here.
    const headers = { ...sent, [RUN_HEADER]: token, [SIGNER_HEADER]: accessKeyId };
    // The path is passed on unchanged: `/bucket/a/../b` is an object's key, and `//x` is not another host.
    const outgoing = http.request({ hostname, port, path, method, headers, agent: from, timeout: EMULATOR_TIMEOUT_MS, signal }, answered);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`the emulator did not answer within ${EMULATOR_TIMEOUT_MS} ms`)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // The emulator closed a connection that was kept open, as this request came: it has read nothing of it.
      if (body && outgoing.reusedSocket && CLOSED.has(error.code ?? '')) send(request, accessKeyId, exchange, false);
      else failed(error);
    });
    if (body) outgoing.end(body);
    return outgoing;
  };
  return {
    forward: (request, accessKeyId, response, body) =>
      new Promise<void>((resolve, reject) => {
        const answered = (incoming: http.IncomingMessage) => {
          response.writeHead(incoming.statusCode ?? 502, withoutPages(incoming.headers));
          incoming.pipe(response);
          incoming.on('end', resolve).on('error', reject);
        };
        const whole = Buffer.isBuffer(body) ? body : undefined;
        const left = new AbortController();
        const outgoing = send(request, accessKeyId, { answered, failed: reject, body: whole, signal: left.signal });
        response.on('close', () => {
          if (!response.writableEnded) left.abort();
          resolve();
        });
        if (whole) return;
        if (body && !Buffer.isBuffer(body)) {
          body.on('error', (error) => {
            // The connection to the emulator is closed first, because the emulator must not take a part of the body for the whole.
            outgoing.destroy();
            reject(error);
          });
          request.pipe(body).pipe(outgoing);
        } else request.pipe(outgoing);
      }),
    exchange: (request, accessKeyId, body) =>
      new Promise((resolve, reject) => {
        const answered = (incoming: http.IncomingMessage) => {
          const chunks: Buffer[] = [];
          const { statusCode = 502, headers } = incoming;
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming
            .on('end', () => resolve({ status: statusCode, headers: withoutPages(headers), body: Buffer.concat(chunks) }))
            .on('error', reject);
        };
        send(request, accessKeyId, { answered, failed: reject, body });
      }),
    close: () => agent.destroy(),
  };
}

const withoutPages = (headers: http.IncomingHttpHeaders): http.IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !FOR_PAGES.test(name)));
