import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createServer as createTlsServer } from 'node:tls';
import type { Log } from '../../interfaces.ts';
import { createAuthRewriter } from '../access/auth-rewriter.ts';
import { answerPings, refusesPing, type StoreProxy } from '../access/faulty-proxy.ts';
import type { TokenExchange } from '../access/token-exchange.ts';
import type { Address } from './server-config.ts';

/**
 * ElastiCache ends a connection 12 hours after it logged in with a token, or after the last AUTH or HELLO with another.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html#auth-iam-limits
 */
const IAM_SESSION_MS = 12 * 3_600_000;
/** A local server accepts at once or has ended. */
const CONNECT_TIMEOUT_MS = 2_000;

export interface EndpointOptions {
  /** The endpoint's name in the log. */
  readonly name: string;
  readonly log: Log;
  readonly now: () => number;
  /** Clients speak TLS with this certificate; the way to the server stays plain, it never leaves the machine. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Where a new connection goes; undefined refuses it. */
  readonly target: () => Address | undefined;
  /** What is in front of the server. */
  readonly proxy: () => StoreProxy | undefined;
  /** Exchanges tokens for inner passwords; undefined while no client can have a token. */
  readonly exchange: () => TokenExchange | undefined;
}

/** One endpoint of a replication group. */
export interface Endpoint {
  readonly port: number;
  /** Closes the connections that go to another server than this one. */
  closeConnectionsExceptTo(address: Address): void;
  /** Closes every connection. */
  closeConnections(): void;
  /** Closes the connections whose last good token was taken 12 hours ago. */
  closeExpired(nowMs: number): void;
  stop(): Promise<void>;
}

interface Connection {
  readonly client: Socket;
  readonly target: Address;
  authenticatedByTokenAtMs?: number;
}

/**
 * Opens an endpoint on a free port of 127.0.0.1.
 *
 * @throws Error when it cannot listen
 */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const sockets = new Set<Socket>();
  const connections = new Set<Connection>();
  const onClient = (client: Socket): void => forward(client, options, connections);
  const server: Server = options.tls ? createTlsServer({ ...options.tls }, onClient) : createServer(onClient);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  // A client that does not trust the certificate, or does not use TLS, is only logged.
  server.on('tlsClientError', (error: Error) => options.log(`elasticache ${options.name}: TLS refused: ${error.message}`));

  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const close = (which: (connection: Connection) => boolean): void => {
    for (const connection of connections) if (which(connection)) connection.client.destroy();
  };

  return {
    port: typeof address === 'object' && address ? address.port : 0,
    closeConnectionsExceptTo: (target) => close((connection) => connection.target.port !== target.port),
    closeConnections: () => close(() => true),
    closeExpired: (nowMs) => close(({ authenticatedByTokenAtMs: at }) => at !== undefined && nowMs - at >= IAM_SESSION_MS),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function forward(client: Socket, options: EndpointOptions, connections: Set<Connection>): void {
  client.on('error', () => undefined);
  const target = options.target();
  if (!target) {
    client.destroy();
    return;
  }
  const connection: Connection = { client, target };
  connections.add(connection);
  client.once('close', () => connections.delete(connection));
  const proxy = options.proxy();
  if (proxy === 'pingOnly') answerPings(client);
  else if (proxy === 'noPing') void refusesPing(client).then((refuses) => !refuses && passOn(connection, options));
  else passOn(connection, options);
}

function passOn(connection: Connection, options: EndpointOptions): void {
  const { client, target } = connection;

  const server = connect({ host: target.host, port: target.port });
  server.setTimeout(CONNECT_TIMEOUT_MS, () => server.destroy());
  server.once('connect', () => server.setTimeout(0));
  server.setNoDelay(true);
  client.setNoDelay(true);
  server.on('error', () => undefined);
  server.once('close', () => client.destroy());
  client.once('close', () => server.destroy());

  server.pipe(client);
  const exchange = options.exchange();
  if (!exchange) {
    client.pipe(server);
    return;
  }
  const rewrite = createAuthRewriter(async (userName, secret) => {
    const exchanged = await exchange(userName, secret);
    // A refused token does not extend the connection: the earlier log-in still counts.
    if (exchanged?.accepted) connection.authenticatedByTokenAtMs = options.now();
    return exchanged?.secret;
  });
  async function* rewritten(): AsyncGenerator<Buffer> {
    for await (const chunk of client) yield await rewrite(chunk as Buffer);
  }
  // What breaks one side closes both, above.
  pipeline(rewritten, server).catch(() => undefined);
}
