/**
 * Many at once over HTTP, on two servers, as the templates' user of an application over TLS: logins of one user, and log-outs with a
 * changing request in flight.
 */
import { once } from 'node:events';
import { Agent, createServer, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FULL } from '../../e2e/full-run.ts';
import { random } from '../../functions/sweep/random.ts';
import type { RealStore } from '../../functions/sweep/real-store.ts';
import { type ApplicationStore, startApplicationStore } from './application-store.ts';
import type { Middleware, Request } from './browser.ts';
import { settle } from './browser.ts';
import { type Client, createSite, PREFIX } from './site.ts';

/** `npm test` goes through a share of them: the model's histories have the same races, in an order that a seed decides. */
const ROUNDS = FULL ? 200 : 40;
const LOG_OUTS = FULL ? 1_000 : 200;
const STOCK_LOG_OUTS = LOG_OUTS / 5;
/** Far above what it takes, on a machine that does other work too. */
const TIMEOUT_MS = 180_000;

let store: ApplicationStore;
let real: RealStore;
let clients: readonly Client[];
const servers: Server[] = [];
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  store = await startApplicationStore(2);
  ({ real, clients } = store);
});
afterAll(async () => {
  agent.destroy();
  for (const server of servers) server.close();
  await store.stop();
});

/** @param work by path: what a request does before its answer */
async function listen(middleware: Middleware, work: Readonly<Record<string, (req: Request) => Promise<unknown>>>): Promise<number> {
  const server = createServer((incoming, res) => {
    const req = Object.assign(incoming, { res }) as Request;
    const fail = () => res.writeHead(500).end();
    middleware(req, res, (error) => {
      if (error) fail();
      else
        Promise.resolve(work[new URL(req.url ?? '/', 'http://a').pathname]?.(req)).then(
          (body) => res.end(JSON.stringify(body ?? null)),
          fail,
        );
    });
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function ask(port: number, path: string, cookie = ''): Promise<{ status: number; cookie: string; body: unknown }> {
  const outgoing = send({ port, path, agent, headers: cookie ? { cookie } : {} }).end();
  const [answer] = await once(outgoing, 'response');
  let text = '';
  for await (const part of answer) text += part;
  return { status: answer.statusCode, cookie: answer.headers['set-cookie']?.[0].split(';')[0] ?? cookie, body: text && JSON.parse(text) };
}

it(`${ROUNDS} times 10 logins of one user at once on two servers: exactly one session lives each time`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const ports = await Promise.all(
    clients.map((client) => {
      const { middleware, users } = createSite(client);
      return listen(middleware, {
        '/login': async (req) => {
          const user = new URL(req.url ?? '', 'http://a').searchParams.get('user') as string;
          await users.login(req, user);
          req.session['user'] = user;
        },
        '/': async (req) => req.session['user'],
      });
    }),
  );
  for (let round = 1; round <= ROUNDS; round += 1) {
    const logins = await Promise.all(Array.from({ length: 10 }, (_, at) => ask(ports[at % 2] as number, `/login?user=u${round}`)));
    expect(logins.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const seen = await Promise.all(logins.map(({ cookie }, at) => ask(ports[(at + 1) % 2] as number, '/', cookie)));
    expect(seen.filter(({ body }) => body === `u${round}`)).toHaveLength(1);
  }
  expect((await real.redis.keys(`${PREFIX}*`)).filter((key) => !key.slice(PREFIX.length).includes(':'))).toHaveLength(ROUNDS);
});

/** @returns the number of sessions that exist after the log-out was answered */
async function revivedOf(logOuts: number, site: { middleware: Middleware; logout(req: Request): Promise<void> }): Promise<number> {
  await real.redis.flushall();
  const next = random(logOuts);
  const port = await listen(site.middleware, {
    '/begin': async (req) => {
      req.session['n'] = 0;
    },
    // A request that changes something, and is still being answered for a while.
    '/change': async (req) => {
      req.session['n'] = next();
      for (let turns = Math.floor(next() * 60); turns > 0; turns -= 1) await turn();
    },
    '/logout': async (req) => site.logout(req),
  });
  for (let done = 0; done < logOuts; done += 20)
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { cookie } = await ask(port, '/begin');
        const [change, logout] = await Promise.all([ask(port, '/change', cookie), ask(port, '/logout', cookie)]);
        expect([change.status, logout.status]).toEqual([200, 200]);
      }),
    );
  return real.redis.dbsize();
}

it(`${LOG_OUTS} log-outs with a changing request in flight: no session comes back; with stock connect-redis some do`, {
  timeout: TIMEOUT_MS,
}, async (context) => {
  const [client] = clients as [Client];
  const { middleware, users } = createSite(client);
  expect(await revivedOf(LOG_OUTS, { middleware, logout: (req) => users.logout(req) })).toBe(0);
  const options = { store: new RedisStore({ client, prefix: PREFIX }), secret: 'a secret', resave: false, saveUninitialized: false };
  const stock = { middleware: session(options), logout: (req: Request) => settle((done) => req.session.destroy(done)) };
  const revived = await revivedOf(STOCK_LOG_OUTS, stock);
  await context.annotate(`stock connect-redis: ${revived} of ${STOCK_LOG_OUTS} sessions came back`);
  expect(revived).toBeGreaterThan(0);
});
