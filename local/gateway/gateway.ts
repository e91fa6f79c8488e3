/**
 * The one endpoint of the local cloud: answers the services that are Holdfast's own and passes the rest on to the
 * emulator, told apart by the service name in each request's signature.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../ports.ts';
import { LOCAL_ACCOUNT_ID } from '../ports.ts';
import { answerCall } from './answer-call.ts';
import { collectProviders, provideResource } from './cloudformation.ts';
import type { LocalService } from './service.ts';
import { AwsError } from './service.ts';

export interface GatewayOptions {
  readonly services: readonly LocalService[];
  /** Where everything else is answered: `http://127.0.0.1:PORT`. */
  readonly emulatorUrl: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly region: string;
  readonly log: Log;
  /** A function's log line that may hold embedded metrics. */
  readonly onLogLine: (line: { logGroup: string; logStream: string; message: string }) => void;
}

export interface Gateway {
  /** `http://127.0.0.1:PORT`: what AWS_ENDPOINT_URL is set to. */
  readonly url: string;
  close(): Promise<void>;
}

/** Requests to local services are small; a release goes to the emulator's S3 and is streamed. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** A deploy of a stack or a long poll can take minutes; nothing takes longer. */
const EMULATOR_TIMEOUT_MS = 300_000;

const SIGNED_SERVICE = /Credential=([^/\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const byName = new Map(options.services.flatMap((service) => service.signingNames.map((name) => [name, service] as const)));
  const providers = collectProviders(options.services);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  const server = http.createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      options.log(`gateway ${request.method} ${request.url}: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500).end();
      else response.destroy();
    });
  });

  async function route(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (request.url?.startsWith('/_holdfast/')) return answerInternal(request, response);
    const signature = SIGNED_SERVICE.exec(request.headers.authorization ?? '');
    const service = signature && byName.get(signature[3] as string);
    if (!signature || !service) return forward(request, response);
    const body = await readBody(request);
    const reply = await answerCall(service, request, body, {
      accessKeyId: signature[1] as string,
      region: signature[2] as string,
      accountId: LOCAL_ACCOUNT_ID,
    });
    response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) }).end(reply.body);
  }

  async function answerInternal(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const send = (status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/_holdfast/cloudformation/types') return void send(200, { types: [...providers.keys()] });
    const body: unknown = JSON.parse((await readBody(request)).toString('utf8'));
    if (request.url === '/_holdfast/log-lines') {
      options.onLogLine(body as { logGroup: string; logStream: string; message: string });
      return void send(200, {});
    }
    try {
      send(200, await provideResource(providers, body));
    } catch (error) {
      const code = error instanceof AwsError ? error.code : 'InternalFailure';
      options.log(`cloudformation ${JSON.stringify(body).slice(0, 400)}: ${error instanceof Error ? error.stack : String(error)}`);
      send(400, { code, message: error instanceof Error ? error.message : String(error) });
    }
  }

  async function forward(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', options.emulatorUrl);
    await new Promise<void>((resolve, reject) => {
      const outgoing = http.request(target, { method: request.method, headers: request.headers, agent, timeout: EMULATOR_TIMEOUT_MS }, (incoming) => {
        response.writeHead(incoming.statusCode ?? 502, incoming.headers);
        incoming.pipe(response);
        incoming.on('end', resolve).on('error', reject);
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`the emulator did not answer within ${EMULATOR_TIMEOUT_MS} ms`)));
      outgoing.on('error', reject);
      response.on('close', () => {
        if (!response.writableEnded) outgoing.destroy();
        resolve();
      });
      request.pipe(outgoing);
    });
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve));
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = EMULATOR_TIMEOUT_MS;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      agent.destroy();
    },
  };
}

async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AwsError('RequestTooLarge', `a request of more than ${MAX_BODY_BYTES} bytes`, 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
