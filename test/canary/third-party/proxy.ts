/**
 * A load balancer with HTTPS in front of an application that is not this project's: it changes nothing but what a load balancer does.
 * It leads each browser back to its server by a cookie, as an AWS one does by AWSALB.
 */
import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, request as requestPlain, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const LONGEST_ANSWER_MS = 20_000;
const STICKY = 'AWSALB';

interface Proxy {
  readonly url: string;
  /** Redirects to `url`. */
  readonly httpUrl: string;
  /** Values of the session's cookie that were set. */
  readonly ids: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** @param targets ports of the servers @param cookie the session's */
export async function startProxy(
  { key, cert }: { readonly key: string; readonly cert: string },
  targets: readonly number[],
  cookie: string,
): Promise<Proxy> {
  const ids = new Set<string>();
  let turn = 0;
  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    const known = new RegExp(`${STICKY}=(\\d+)`).exec(incoming.headers.cookie ?? '')?.[1];
    const at = known === undefined ? turn++ % targets.length : Number(known) % targets.length;
    const outgoing = requestPlain({
      host: '127.0.0.1',
      port: targets[at],
      method: incoming.method,
      path: incoming.url,
      agent: false,
      timeout: LONGEST_ANSWER_MS,
      headers: { ...incoming.headers, 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
    });
    outgoing.once('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    outgoing.once('timeout', () => outgoing.destroy(new Error('the server did not answer')));
    outgoing.once('response', (answer) => {
      const setCookies = answer.headers['set-cookie'] ?? [];
      for (const line of setCookies) {
        const value = line.startsWith(`${cookie}=`) ? line.slice(cookie.length + 1).split(';')[0] : undefined;
        if (value && value !== '""') ids.add(value);
      }
      response.writeHead(answer.statusCode ?? 502, {
        ...answer.headers,
        'x-served-by': `server ${at + 1}`,
        'set-cookie': [...setCookies, `${STICKY}=${at}; Path=/`],
      });
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  };
  const secure = createServer({ key, cert }, listener).listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const url = `https://localhost:${(secure.address() as AddressInfo).port}`;
  const plain = createPlain((incoming, response) => void response.writeHead(301, { location: `${url}${incoming.url}` }).end());
  await once(plain.listen(0, '127.0.0.1'), 'listening');
  return {
    url,
    httpUrl: `http://localhost:${(plain.address() as AddressInfo).port}`,
    ids,
    async stop() {
      await Promise.all(
        [secure, plain].map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}
