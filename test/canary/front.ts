/**
 * What is in front of an example: HTTPS, a load balancer over its servers, and a check of passwords, which the examples leave to
 * the application. Weaknesses are planted here, so that each example can have each of them.
 */
import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, request as requestPlain, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface FrontRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Value of the session's cookie; undefined without it. */
  id: string | undefined;
  /** Names of the other cookies. */
  readonly otherCookies: readonly string[];
  body: string;
}

export interface FrontAnswer {
  status: number;
  readonly headers: Record<string, string>;
  /** Lines of Set-Cookie. */
  setCookies: string[];
  body: string;
}

/** A weakness, for one front. */
export interface Plant {
  /** Changes a request, or answers it itself. */
  request?(request: FrontRequest): FrontAnswer | undefined | Promise<FrontAnswer | undefined>;
  /** Changes an answer. `sent`: the request as the server got it. */
  answer?(answer: FrontAnswer, asked: FrontRequest, sent: FrontRequest): void | Promise<void>;
  /** Answers by plain HTTP what is otherwise redirected. */
  readonly plainHttp?: boolean;
  stop?(): void;
}

export interface FrontOptions {
  readonly key: string;
  readonly cert: string;
  /** Ports of the servers, in turn. */
  readonly targets: readonly number[];
  readonly cookie: string;
  /** The name that browsers know it by: without its prefix it can have a weakness that browsers refuse next to one. @default the same */
  readonly shownAs?: string;
  readonly passwords: Readonly<Record<string, string>>;
  /** As the load balancer's own settings add them. */
  readonly addedHeaders?: Readonly<Record<string, string>>;
  /** @param send a request to a server, as the front itself would */
  plant?(send: (request: FrontRequest) => Promise<FrontAnswer>): Plant;
}

export interface Front {
  readonly url: string;
  readonly httpUrl: string;
  /** Every value that the session's cookie had, of every browser. */
  readonly ids: ReadonlySet<string>;
  readonly requests: () => number;
  stop(): Promise<void>;
}

export async function startFront(options: FrontOptions): Promise<Front> {
  const { cookie, targets, passwords, addedHeaders = {}, shownAs = cookie } = options;
  const shown = (line: string) => (line.startsWith(`${cookie}=`) ? `${shownAs}${line.slice(cookie.length)}` : line);
  const ids = new Set<string>();
  let served = 0;
  let turn = 0;
  const send = (request: FrontRequest) => forward(targets[turn++ % targets.length] as number, cookie, request);
  const plant = options.plant?.(send) ?? {};

  const serve = async (incoming: IncomingMessage): Promise<FrontAnswer> => {
    served += 1;
    const asked = await readRequest(incoming, shownAs);
    const refused = checkPassword(asked, passwords);
    if (refused) return refused;
    const request = { ...asked };
    const answer = (await plant.request?.(request)) ?? (await send(request));
    Object.assign(answer.headers, addedHeaders);
    await plant.answer?.(answer, asked, request);
    return answer;
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    serve(incoming).then(
      ({ status, headers, setCookies, body }) => {
        for (const line of setCookies) noteId(ids, cookie, line);
        response.writeHead(status, { ...headers, ...(setCookies.length > 0 && { 'set-cookie': setCookies.map(shown) }) });
        response.end(body);
      },
      () => response.writeHead(502).end(),
    );
  };
  const secure = createServer({ key: options.key, cert: options.cert }, listener).listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const url = `https://localhost:${(secure.address() as AddressInfo).port}`;
  const plain = createPlain((incoming, response) => {
    if (plant.plainHttp) listener(incoming, response);
    else response.writeHead(301, { location: `${url}${incoming.url}` }).end();
  }).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  return {
    url,
    httpUrl: `http://localhost:${(plain.address() as AddressInfo).port}`,
    ids,
    requests: () => served,
    async stop() {
      plant.stop?.();
      await Promise.all(
        [secure, plain].map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

function noteId(ids: Set<string>, cookie: string, line: string): void {
  const value = line.startsWith(`${cookie}=`) ? line.slice(cookie.length + 1).split(';')[0] : '';
  if (value) ids.add(value);
}

async function readRequest(incoming: IncomingMessage, cookie: string): Promise<FrontRequest> {
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const pairs = (headers['cookie'] ?? '').split('; ');
  delete headers['cookie'];
  const id = pairs.find((pair) => pair.startsWith(`${cookie}=`))?.slice(cookie.length + 1);
  const otherCookies = pairs.map((pair) => pair.split('=')[0] ?? '').filter((name) => name !== '' && name !== cookie);
  return {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers,
    id,
    otherCookies,
    body: (await buffer(incoming)).toString(),
  };
}

/** Takes the password out of a login, which the examples do not know. */
function checkPassword(request: FrontRequest, passwords: Readonly<Record<string, string>>): FrontAnswer | undefined {
  if (request.method !== 'POST' || request.path !== '/login') return undefined;
  const { user, password } = JSON.parse(request.body) as { user: string; password: string };
  request.body = JSON.stringify({ user });
  // Runs at the same time have users of their own: canary-anna.1.
  if (passwords[user.split('.')[0] as string] === password) return undefined;
  return { status: 401, headers: {}, setCookies: [], body: '{"error":"wrong name or password"}' };
}

function forward(port: number, cookie: string, { method, path, headers, id, body }: FrontRequest): Promise<FrontAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<FrontAnswer>();
  const sent = requestPlain({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    timeout: 20_000,
    headers: {
      ...headers,
      connection: 'close',
      'content-length': String(Buffer.byteLength(body)),
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      ...(id !== undefined && { cookie: `${cookie}=${id}` }),
    },
  });
  sent.once('error', reject);
  sent.once('timeout', () => sent.destroy(new Error('the server did not answer')));
  sent.once('response', async (response) => {
    const {
      'set-cookie': setCookies = [],
      connection: _connection,
      'transfer-encoding': _encoding,
      'content-length': _length,
      ...rest
    } = response.headers;
    const own = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]));
    resolve({ status: response.statusCode ?? 502, headers: own, setCookies, body: (await buffer(response)).toString() });
  });
  sent.end(body);
  return promise;
}
