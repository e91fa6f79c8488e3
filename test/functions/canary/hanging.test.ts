/** Servers that hang, really: no run with one is a pass, and each ends in its time. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server as SocketServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Recipe, recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { type Clock, createPace } from '../../../functions/canary/http/pace.ts';
import { createSend, type Send } from '../../../functions/canary/http/send.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';
import { Site } from '../../../functions/canary/site/site.ts';

/** In the place of ten seconds. */
const LIMIT_MS = 120;
const RECIPE: Recipe = recipeSchema.parse({
  users: { a: { name: 'anna', password: { environment: 'A' } }, b: { name: 'ben-2', password: { environment: 'B' } } },
  login: [{ post: '/login', json: { user: '{name}', password: '{password}' } }],
  who: { get: '/who' },
  logout: [{ post: '/logout' }],
});

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listen(server: Server | SocketServer, protocol = 'http'): Promise<URL> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return new URL(`${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** Sessions in memory; what `hangs` takes over is never answered by it. */
function siteThat(hangs: (request: IncomingMessage, response: ServerResponse, asked: number) => boolean): Serve {
  const passwords: Record<string, string> = { anna: 'right-a', 'ben-2': 'right-b' };
  const sessions = new Map<string, string>();
  let asked = 0;
  return async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked += 1;
    if (hangs(request, response, asked)) return;
    const id = /SID=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    if (request.url === '/login') {
      const { user, password } = JSON.parse(body) as { user: string; password: string };
      if (passwords[user] !== password) response.writeHead(401).end();
      else {
        sessions.set(`${asked}`.padStart(24, 'k'), user);
        response.writeHead(200, { 'set-cookie': `SID=${`${asked}`.padStart(24, 'k')}; Path=/; HttpOnly` }).end();
      }
    } else if (request.url === '/logout') {
      sessions.delete(id);
      response.writeHead(204).end();
    } else response.writeHead(sessions.has(id) ? 200 : 401).end(sessions.get(id));
  };
}

/** Nothing is waited for but answers. */
const virtualClock = (): Clock => {
  let passedMs = 0;
  return {
    now: () => Date.now() + passedMs,
    sleep: async (ms) => {
      passedMs += ms;
    },
  };
};

function run(base: URL) {
  const limited: Send = (request, timeoutMs) => createSend()(request, Math.min(timeoutMs, LIMIT_MS));
  const clock = virtualClock();
  const passwords = new Map([
    ['anna', 'right-a'],
    ['ben-2', 'right-b'],
  ]);
  const site = new Site(base, RECIPE, { pace: createPace(limited, clock), clock, passwords, jarOf: async () => [] });
  return runCanary({ base, recipe: RECIPE, extras: [] }, site);
}

const isLogin = ({ url }: IncomingMessage) => url === '/login';
const hasSession = ({ headers }: IncomingMessage) => headers.cookie !== undefined;

describe('a server that hangs is never a pass', () => {
  it.each<[string, string]>([
    ['and sends no byte', 'http'],
    ['during the TLS handshake', 'https'],
  ])('%s', async (_, protocol) => {
    const base = await listen(
      createSocketServer((socket) => void socket.on('error', () => undefined)),
      protocol,
    );
    await expect(run(base)).rejects.toMatchObject({
      name: 'RecipeFailed',
      message: expect.stringMatching(/no answer \(none within 0\.12 s\)/),
    });
  });

  it.each<[string, Parameters<typeof siteThat>[0]]>([
    ['at the login', (request) => isLogin(request)],
    ['with the page of a logged-in user', (request) => hasSession(request)],
    [
      'after the headers',
      (request, response) => {
        if (!isLogin(request)) return false;
        response.writeHead(200, { 'content-length': '100' }).write('half');
        return true;
      },
    ],
    [
      'in drops, each within the time',
      (request, response) => {
        if (!isLogin(request)) return false;
        response.writeHead(200);
        const timer = setInterval(() => response.write('.'), LIMIT_MS / 8);
        response.once('close', () => clearInterval(timer));
        return true;
      },
    ],
    [
      'for longer than the time, and answers then',
      (request, response) => {
        if (!isLogin(request)) return false;
        setTimeout(() => response.writeHead(200, { 'set-cookie': 'SID=late; Path=/' }).end(), LIMIT_MS * 2);
        return true;
      },
    ],
  ])('%s', async (_, hangs) => {
    const base = await listen(createServer(siteThat(hangs)));
    await expect(run(base)).rejects.toMatchObject({ name: 'RecipeFailed', message: expect.stringContaining('none within 0.12 s') });
  });

  it('that closes the connection in the middle of an answer', async () => {
    const cuts = siteThat((request, response) => {
      if (!isLogin(request)) return false;
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
      return true;
    });
    await expect(run(await listen(createServer(cuts)))).rejects.toMatchObject({
      name: 'RecipeFailed',
      message: expect.stringContaining('no answer'),
    });
  });

  it('from some request on: the run ends, and nothing holds that was not seen before', async () => {
    const before = await run(await listen(createServer(siteThat(() => false))));
    expect(before.some((one) => one.is === 'holds' && one.check === 'replay-after-logout')).toBe(true);
    const outcomes = await run(await listen(createServer(siteThat((_request, _response, asked) => asked > 14))));
    expect(
      outcomes.filter((one) => one.is === 'holds' && ['replay-after-logout', 'other-user', 'id-exposure'].includes(one.check)),
    ).toEqual([]);
    expect(outcomes.filter((one) => one.is === 'notChecked' && one.unclear).length).toBeGreaterThan(3);
  });
});
