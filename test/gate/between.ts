/** A server between the load balancer and a release: it notes what comes by, and can answer in the release's place. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers a request of the gate in the place of the release, or leaves it to the release, then or later, by returning undefined. @param count of its requests */
export type Spoil = (request: IncomingMessage, response: ServerResponse, count: number) => true | undefined | Promise<undefined>;

export interface Between {
  readonly port: number;
  /** Values of all cookies that the release has set. */
  readonly cookies: ReadonlySet<string>;
  /** Requests of gates. */
  requests(): number;
  stop(): void;
}

export async function startBetween(port: number, spoil: Spoil = () => undefined): Promise<Between> {
  const cookies = new Set<string>();
  const agent = new Agent({ keepAlive: true });
  let count = 0;
  const server = createServer(async (request, response) => {
    const isOfGate = request.headers['user-agent'] === 'holdfast-canary';
    if (isOfGate) count += 1;
    if (isOfGate && (await spoil(request, response, count))) return void request.resume();
    const { method, url: target = '/', headers } = request;
    const own = send({ host: '127.0.0.1', port, method, path: target, headers, agent }, (answer) => {
      for (const line of answer.headers['set-cookie'] ?? []) cookies.add(/^[^=]*=([^;]*)/.exec(line)?.[1] ?? '');
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    own.once('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    request.pipe(own);
  });
  server.keepAliveTimeout = 75_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cookies,
    requests: () => count,
    stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
