/**
 * The one endpoint of the local cloud: answers the services that are Holdfast's own and passes the rest on to the
 * emulator, told apart by the service name in each request's signature.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccessControl } from '../iam/access-control.ts';
import type { Log } from '../ports.ts';
import { LOCAL_ACCOUNT_ID } from '../ports.ts';
import { answerCall } from './answer-call.ts';
import { collectProviders } from './cloudformation.ts';
import { createForwarder, EMULATOR_TIMEOUT_MS } from './forward-request.ts';
import { answerInternal, INTERNAL_PREFIX } from './internal.ts';
import type { LocalService } from './service.ts';

export interface GatewayOptions {
  readonly services: readonly LocalService[];
  /** Where everything else is answered: `http://127.0.0.1:PORT`. */
  readonly emulatorUrl: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly region: string;
  readonly log: Log;
  /** Who may call these services; without it everybody may. */
  readonly access?: AccessControl;
  /** A function's log line that may hold embedded metrics. */
  readonly onLogLine: (line: { logGroup: string; logStream: string; message: string }) => void;
}

export interface Gateway {
  /** `http://127.0.0.1:PORT`: what AWS_ENDPOINT_URL is set to. */
  readonly url: string;
  close(): Promise<void>;
}

const SIGNED_SERVICE = /Credential=([^/\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** @throws Error when two services claim one signing name or one resource type, or the port is taken */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const byName = servicesByName(options.services);
  const { access, onLogLine, log } = options;
  const internal = { providers: collectProviders(options.services), onLogLine, log, access };
  const emulator = createForwarder(options.emulatorUrl);

  const server = http.createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      options.log(`gateway ${request.method} ${request.url}: ${String(error)}`);
      if (response.headersSent) response.destroy();
      // 503: SDKs try it again, which is right while the emulator starts.
      else response.writeHead(503, { 'content-type': 'text/plain' }).end(`the emulator does not answer: ${String(error)}\n`);
    });
  });

  async function route(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (request.url?.startsWith(INTERNAL_PREFIX)) return answerInternal(internal, request, response);
    const [, accessKeyId, region, name] = SIGNED_SERVICE.exec(request.headers.authorization ?? '') ?? [];
    const service = byName.get(name ?? '');
    if (!service || !accessKeyId || !region) {
      await emulator.forward(request, response);
      if (name === 'iam') access?.forgetDecisions();
      return;
    }
    const context = { accessKeyId, region, accountId: LOCAL_ACCOUNT_ID };
    const reply = await answerCall(service, request, context, access);
    response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) }).end(reply.body);
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve));
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = EMULATOR_TIMEOUT_MS;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      emulator.close();
    },
  };
}

function servicesByName(services: readonly LocalService[]): ReadonlyMap<string, LocalService> {
  const byName = new Map<string, LocalService>();
  for (const service of services) {
    for (const name of service.signingNames) {
      if (byName.has(name)) throw new Error(`two local services answer for ${name}`);
      byName.set(name, service);
    }
  }
  return byName;
}
