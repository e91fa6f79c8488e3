import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { WebSocket } from 'ws';
import type { TrafficSettings } from './contract.ts';
import type { Answer } from './judge-answer.ts';

/** One request of a virtual user. */
export interface UserRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON, unless a header names another type. */
  readonly body?: string;
  readonly cookie?: string;
  /** More of its headers. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default the settings' requestTimeoutMs */
  readonly timeoutMs?: number;
}

export interface UserAnswer {
  readonly answer: Answer;
  readonly setCookie: readonly string[];
  /** Identifies the request in the load balancer's records. */
  readonly traceId?: string;
}

/** What a virtual user needs from the network. Never rejects: a failure is an answer too. */
export interface Sender {
  send(request: UserRequest): Promise<UserAnswer>;
  close(): void;
}

export interface HttpSender extends Sender {
  openWebSocket(path: string): WebSocket;
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
export const newTraceId = (): string =>
  `1-${Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, '0')}-${randomBytes(12).toString('hex')}`;

/** The application's answers are shorter; the rest of a longer one is dropped. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Sends requests over shared keep-alive connections, without retries: a retry, as in a browser, would hide a reset
 * connection.
 */
export function httpSender(settings: Pick<TrafficSettings, 'url' | 'caFile' | 'connections' | 'requestTimeoutMs'>): HttpSender {
  const base = new URL(settings.url);
  const secure = base.protocol === 'https:';
  // First in, first out: every connection stays in use, so a target that closes idle ones is noticed.
  const pool = { keepAlive: true, maxSockets: settings.connections, maxFreeSockets: settings.connections, scheduling: 'fifo' } as const;
  const ca = settings.caFile === undefined ? undefined : readFileSync(settings.caFile);
  const agent = secure ? new https.Agent({ ...pool, ...(ca === undefined ? {} : { ca }) }) : new http.Agent(pool);
  const request = secure ? https.request : http.request;
  const host = { protocol: base.protocol, hostname: base.hostname.replace(/^\[|\]$/g, ''), port: base.port, agent };

  return {
    send: ({ method, path, body, cookie, headers: more, timeoutMs = settings.requestTimeoutMs }) =>
      new Promise((resolve) => {
        const traceId = newTraceId();
        const headers: http.OutgoingHttpHeaders = { accept: 'application/json', 'x-amzn-trace-id': `Root=${traceId}`, ...more };
        if (cookie !== undefined) headers['cookie'] = cookie;
        if (body !== undefined) {
          headers['content-type'] ??= 'application/json';
          headers['content-length'] = Buffer.byteLength(body);
        }
        let setCookie: readonly string[] = [];
        let deadline: NodeJS.Timeout | undefined;
        const end = (answer: Answer) => {
          clearTimeout(deadline);
          resolve({ answer, setCookie, traceId });
        };
        const broken = (error: NodeJS.ErrnoException) => end({ kind: 'broken', code: error.code ?? error.name });
        const outgoing = request({ ...host, method, path, headers }, (incoming) => {
          setCookie = incoming.headers['set-cookie'] ?? [];
          const chunks: Buffer[] = [];
          let bytes = 0;
          incoming.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
          });
          incoming.on('error', broken);
          incoming.once('end', () => {
            const { statusCode: status = 0, headers } = incoming;
            const body = Buffer.concat(chunks).toString('utf8');
            end({ kind: 'answered', status, body, ...(headers.location !== undefined && { location: headers.location }) });
          });
        });
        outgoing.on('error', broken);
        deadline = setTimeout(() => {
          end({ kind: 'timedOut' });
          outgoing.destroy();
        }, timeoutMs);
        outgoing.end(body);
      }),
    openWebSocket: (path) => new WebSocket(new URL(path, base), { handshakeTimeout: settings.requestTimeoutMs, ...(ca && { ca }) }),
    close: () => agent.destroy(),
  };
}
