/** One listener's server: takes connections, finds the rule for each request and carries out its action. */
import { createServer, type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Listener, LoadBalancer, Rule } from '../resources.ts';
import { redirectLocation, replyError, replyFixed, replyRedirect } from './direct-reply.ts';
import { type Forwarding, forwardRequest } from './forward-request.ts';
import { countError } from './meter.ts';
import type { ClientSide } from './proxy-request.ts';
import { compileRules, type RequestFacts } from './route-request.ts';

export interface ListenerServer {
  readonly port: number;
  /** Takes the rules over from `fromMs` on. */
  publish(rules: readonly Rule[], fromMs: number): void;
  /** Idle time-out of a client's connection. */
  setIdle(idleMs: number): void;
  connections(): number;
  close(): Promise<void>;
}

export interface ListenerServerOptions {
  readonly plane: Forwarding;
  readonly loadBalancer: LoadBalancer;
  readonly listener: Pick<Listener, 'protocol'>;
  readonly certificate?: { readonly key: string; readonly cert: string };
  readonly host: string;
  /** 0 for a free port. */
  readonly port: number;
  /** Local port of the load balancer's listener on a port. */
  readonly localPort: (port: number) => number | undefined;
}

/** Limits of an Application Load Balancer's request headers (user guide, load-balancer-limits): 64 KB in all. */
const MAX_HEADER_BYTES = 65_536;

/** @throws the server's own error when the address cannot be bound */
export async function openListenerServer(options: ListenerServerOptions): Promise<ListenerServer> {
  const { plane, loadBalancer, certificate } = options;
  const routes: { readonly fromMs: number; readonly find: (facts: RequestFacts) => Rule | undefined }[] = [];
  const sockets = new Set<Socket>();
  let port = options.port;
  const handle = (client: ClientSide): void => {
    while (routes[1] !== undefined && routes[1].fromMs <= plane.now()) routes.shift();
    const facts = factsOf(client.req);
    try {
      act(options, client, facts, routes[0]?.find(facts), port);
    } catch {
      // Node refuses to send on what its lenient parser accepted, such as an unescaped path.
      countError(plane.meter, loadBalancer, 400);
      replyError(client.res, 400);
    }
  };

  const settings = {
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: 0,
    // Other upgrades (h2c) are answered as plain requests; without this Node hands every one of them over.
    shouldUpgradeCallback: (req: IncomingMessage) => isWebSocket(req),
  };
  const listenerOf: RequestListener = (req, res) => handle({ req, res });
  const server: Server =
    certificate === undefined ? createServer(settings, listenerOf) : createTlsServer({ ...settings, ...certificate }, listenerOf);
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    res.assignSocket(socket as Socket);
    res.on('finish', () => socket.end());
    handle(isWebSocket(req) ? { req, res, upgrade: { socket, head } } : { req, res });
  });
  server.on('connection', (socket: Socket) => {
    plane.meter.count('NewConnectionCount', loadBalancer.fullName);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(options.port, options.host, () => {
      server.off('error', failed);
      listening();
    });
  });

  port = (server.address() as AddressInfo).port;
  return {
    port,
    publish: (rules, fromMs) => {
      // A lag that has become shorter lets newer rules overtake older ones, which then never come into force.
      while (routes.length > 1 && (routes.at(-1)?.fromMs ?? 0) >= fromMs) routes.pop();
      routes.push({ fromMs, find: compileRules(rules, plane.settings.regexReading) });
    },
    setIdle: (idleMs) => {
      server.keepAliveTimeout = idleMs;
    },
    connections: () => sockets.size,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function act(options: ListenerServerOptions, client: ClientSide, facts: RequestFacts, rule: Rule | undefined, port: number): void {
  const { plane, loadBalancer, listener, localPort } = options;
  const action = rule?.actions.at(-1);
  switch (action?.type) {
    case 'forward':
      forwardRequest(
        plane,
        client,
        {
          sourceIp: facts.sourceIp,
          protocol: listener.protocol === 'HTTPS' ? 'https' : 'http',
          port,
          forwardedFor: loadBalancer.attributes.get('routing.http.xff_header_processing.mode') ?? 'append',
        },
        action,
        loadBalancer,
      );
      break;
    case 'fixed-response':
      plane.meter.count('HTTP_Fixed_Response_Count', loadBalancer.fullName);
      replyFixed(client.res, action);
      break;
    case 'redirect':
      plane.meter.count('HTTP_Redirect_Count', loadBalancer.fullName);
      replyRedirect(client.res, redirectLocation(action, facts, { protocol: listener.protocol, port }, localPort), action.statusCode);
      break;
    case undefined:
      replyError(client.res, 503);
  }
}

const isWebSocket = (req: IncomingMessage): boolean => req.headers.upgrade?.toLowerCase() === 'websocket';

function factsOf(req: IncomingMessage): RequestFacts {
  const target = (req.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const question = target.indexOf('?');
  return {
    method: req.method ?? 'GET',
    host: req.headers.host ?? '',
    path: (question < 0 ? target : target.slice(0, question)) || '/',
    query: question < 0 ? '' : target.slice(question + 1),
    // Node joins repeated headers, which conditions search one after the other; most rules ask for none.
    get headers() {
      return req.headersDistinct;
    },
    sourceIp: (req.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
  };
}
