/** One request, or one WebSocket, from a client to a target and back. Bodies stream both ways. */
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { replyError } from './direct-reply.ts';
import type { FailureCause } from './failed-requests.ts';
import { responseHeaders } from './forwarded-headers.ts';
import type { InFlight, TargetConnection } from './target-connections.ts';

/** The client's side. `upgrade` is set for a WebSocket: the raw connection and the bytes that were already read from it. */
export interface ClientSide {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly upgrade?: { readonly socket: Duplex; readonly head: Buffer };
}

/** The target's side. Times are in milliseconds. */
export interface TargetSide {
  readonly connection: TargetConnection;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly headers: readonly string[];
  readonly idleMs: number;
  readonly connectMs: number;
  /** Set-Cookie values to add to the target's own answer. */
  readonly cookies: (answer: IncomingHttpHeaders) => readonly string[];
  readonly observe: ProxyObserver;
}

interface ProxyObserver {
  targetAnswered(status: number, elapsedMs: number): void;
  /** @param answered the load balancer's own status; undefined when it can only close the connection */
  failed(cause: FailureCause, answered?: number): void;
  connectionFailed(): void;
}

/**
 * 502 when the target refuses, resets or closes the connection, or is cut off; 504 when it does not connect or does not
 * answer in time; 408 when the client stops sending. Nothing is sent twice: a request lost on a reused connection that
 * the target was closing is a 502, as on AWS.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
export function proxyRequest(client: ClientSide, target: TargetSide): void {
  const { req, res } = client;
  const { inFlight, agent } = target.connection;
  const startedMs = performance.now();
  let ended = false;
  let connected = false;
  let connectTimer: NodeJS.Timeout | undefined;

  const upstream = (target.tls ? httpsRequest : httpRequest)({
    host: target.host,
    port: target.port,
    method: req.method,
    path: req.url,
    headers: target.headers,
    agent,
    setHost: false,
    timeout: target.idleMs,
  });
  const flight: InFlight = { cut: () => fail(502, 'deregistered') };
  inFlight.add(flight);

  /** Leaves the list of requests in flight; true the first time. */
  const end = (): boolean => {
    if (ended) return false;
    ended = true;
    clearTimeout(connectTimer);
    inFlight.delete(flight);
    return true;
  };
  const fail = (status: number, cause: FailureCause): void => {
    if (!end()) return;
    req.unpipe(upstream);
    target.observe.failed(cause, res.headersSent ? undefined : status);
    if (res.headersSent) res.destroy();
    else replyError(res, status);
    upstream.destroy();
  };

  upstream.on('socket', (socket) => {
    connected = !socket.connecting;
    if (connected) return;
    connectTimer = setTimeout(() => {
      target.observe.connectionFailed();
      fail(504, 'connectTimedOut');
    }, target.connectMs);
    connectTimer.unref();
    socket.once('connect', () => {
      connected = true;
      clearTimeout(connectTimer);
    });
  });
  const idle = (): void => (req.complete ? fail(504, 'targetTimedOut') : fail(408, 'clientTimedOut'));
  upstream.on('timeout', idle);
  upstream.on('error', () => {
    if (!ended && !connected) target.observe.connectionFailed();
    fail(502, 'targetClosed');
  });
  upstream.on('response', (answer) => {
    const status = answer.statusCode ?? 502;
    try {
      res.writeHead(status, answer.statusMessage, responseHeaders(answer, target.cookies(answer.headers)));
    } catch {
      fail(502, 'targetClosed'); // Node refuses to pass on what its lenient parser let in.
      return;
    }
    target.observe.targetAnswered(status, performance.now() - startedMs);
    answer.on('error', () => fail(502, 'targetClosed'));
    answer.pipe(res);
  });
  upstream.on('upgrade', (answer, socket, head) => {
    upstream.off('timeout', idle);
    target.observe.targetAnswered(answer.statusCode ?? 101, performance.now() - startedMs);
    if (client.upgrade === undefined) {
      socket.destroy();
      fail(502, 'targetClosed');
      return;
    }
    res.detachSocket(client.upgrade.socket as Socket);
    const lines = responseHeaders(answer, target.cookies(answer.headers), true);
    const cut = joinSockets(client.upgrade, { socket, head }, statusLine(answer, lines), target.idleMs, end);
    flight.cut = () => {
      target.observe.failed('deregistered');
      cut();
    };
  });

  res.on('finish', end);
  res.on('close', () => {
    // The client has closed the connection, so nothing reads the target's response.
    if (!end()) return;
    target.observe.failed('clientClosed');
    upstream.destroy();
  });
  if (req.headers['content-length'] === undefined && req.headers['transfer-encoding'] === undefined) upstream.end();
  else req.pipe(upstream);
}

function statusLine(answer: IncomingMessage, headers: readonly string[]): string {
  let text = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`;
  for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${text}\r\n`;
}

interface End {
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Passes bytes both ways until either end closes or both are idle. Gives the function that ends it. */
function joinSockets(client: End, target: End, greeting: string, idleMs: number, ended: () => void): () => void {
  const cut = (): void => {
    ended();
    client.socket.destroy();
    target.socket.destroy();
  };
  client.socket.write(greeting, 'latin1');
  if (target.head.length > 0) client.socket.write(target.head);
  if (client.head.length > 0) target.socket.write(client.head);
  for (const { socket } of [client, target]) {
    (socket as Socket).setTimeout(idleMs, cut);
    socket.on('error', cut);
    socket.on('close', cut);
  }
  client.socket.pipe(target.socket);
  target.socket.pipe(client.socket);
  return cut;
}
