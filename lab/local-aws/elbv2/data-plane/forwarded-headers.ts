/** The headers of a forwarded request and of its answer. Flat lists (name, value, name, value), so that order, case and repeats stay. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** How the client reached the load balancer. */
export interface Arrival {
  readonly sourceIp: string;
  readonly protocol: 'http' | 'https';
  readonly port: number;
  /** Attribute routing.http.xff_header_processing.mode. */
  readonly forwardedFor: string;
}

/** About one connection only, so never passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect']);

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html */
export function requestHeaders(req: IncomingMessage, arrival: Arrival, nowMs: number, upgrade: boolean): string[] {
  const headers: string[] = [];
  const { rawHeaders } = req;
  const named = namedByConnection(req.headers.connection);
  let framed = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || named?.has(lower)) continue;
    if (lower === 'x-forwarded-proto' || lower === 'x-forwarded-port' || lower === 'x-amzn-trace-id') continue;
    if (lower === 'x-forwarded-for' && arrival.forwardedFor !== 'preserve') continue;
    if (lower === 'content-length' || lower === 'transfer-encoding') framed = true;
    headers.push(name, value);
  }
  if (arrival.forwardedFor === 'append') {
    const before = req.headers['x-forwarded-for'];
    headers.push('X-Forwarded-For', before === undefined ? arrival.sourceIp : `${String(before)}, ${arrival.sourceIp}`);
  }
  headers.push('X-Forwarded-Proto', arrival.protocol, 'X-Forwarded-Port', String(arrival.port));
  headers.push('X-Amzn-Trace-Id', traceId(req.headers['x-amzn-trace-id'], nowMs));
  // Without a length Node would announce a chunked body for these methods.
  if (!framed && (req.method === 'POST' || req.method === 'PUT' || req.method === 'PATCH')) headers.push('Content-Length', '0');
  if (upgrade) headers.push('Connection', 'Upgrade', 'Upgrade', req.headers.upgrade ?? 'websocket');
  else headers.push('Connection', 'keep-alive');
  return headers;
}

export function responseHeaders(answer: IncomingMessage, cookies: readonly string[], upgrade = false): string[] {
  const headers: string[] = [];
  const { rawHeaders } = answer;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    // Node frames the body for the client itself; a WebSocket's own headers are passed on.
    if (!upgrade && (HOP_BY_HOP.has(lower) || lower === 'transfer-encoding')) continue;
    headers.push(name, rawHeaders[index + 1] ?? '');
  }
  for (const cookie of cookies) headers.push('Set-Cookie', cookie);
  return headers;
}

/** Header names that a Connection header takes out of the message; undefined for the usual `keep-alive` and `close`. */
function namedByConnection(connection: string | undefined): Set<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((token) => token.trim()),
  );
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
export function traceId(received: string | readonly string[] | undefined, nowMs: number): string {
  const own = `1-${Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
  if (typeof received !== 'string' || received === '') return `Root=${own}`;
  const kept = received
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('Self='));
  return kept.some((part) => part.startsWith('Root=')) ? [`Self=${own}`, ...kept].join(';') : [`Root=${own}`, ...kept].join(';');
}
