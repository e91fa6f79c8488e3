/** What express-session and connect-redis do to a TTL that a sweep has set: their real code, on a real server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RealStore, startStore } from './real-store.ts';
import { runSweep } from './run-sweep.ts';

const HOUR_MS = 3_600_000;
let store: RealStore;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  store = await startStore();
});
afterAll(async () => {
  for (const close of closing) await close();
  await store?.stop();
});

/** An application whose sessions live for an hour since their last use. */
async function startApplication(disableTTL: boolean) {
  const client = createClient({ socket: { host: '127.0.0.1', port: store.port } });
  await client.connect();
  const withSession = session({
    secret: 'test',
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { maxAge: HOUR_MS },
    store: new RedisStore({ client, prefix: 'sess:', disableTTL }),
  });
  const server = createServer((request, response) => {
    const asked = request as typeof request & { session: object };
    withSession(asked as never, response as never, () => {
      if (request.url === '/login') Object.assign(asked.session, { user: 'ann' });
      if (request.url === '/write') Object.assign(asked.session, { visits: Math.random() });
      response.end(JSON.stringify({ user: (asked.session as { user?: string }).user }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.close(),
    () => client.destroy(),
  );
  let cookie = '';
  return async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers: { cookie } });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer.text();
  };
}
const ttl = async () => store.redis.ttl((await store.redis.keys('sess:*'))[0] as string);

// tj/connect-redis 154: until 2.4.1 each request set a TTL anyway, and since then none does.
it('with disableTTL a later read leaves the TTL that a sweep has set, and a later save removes it', async () => {
  await store.redis.flushall();
  const get = await startApplication(true);
  await get('/login');
  expect(await ttl()).toBe(-1);
  const settings = { minTtlSeconds: 1, jitterSeconds: 0 };
  expect((await runSweep(() => store.connect(), { settings })).tally.byDialect['connect-redis']).toMatchObject({ repaired: 1 });
  expect(await ttl()).toBeGreaterThan(3_500);
  // As if most of the hour had passed: a read that renewed it would make it an hour again.
  const [key = ''] = await store.redis.keys('sess:*');
  await store.redis.expire(key, 100);
  expect(await get('/read')).toBe('{"user":"ann"}');
  expect(await ttl()).toBeLessThanOrEqual(100);
  await get('/write');
  expect(await ttl()).toBe(-1);
});

it('without disableTTL each read renews it', async () => {
  await store.redis.flushall();
  const get = await startApplication(false);
  await get('/login');
  const [key = ''] = await store.redis.keys('sess:*');
  await store.redis.expire(key, 100);
  await get('/read');
  expect(await ttl()).toBeGreaterThan(3_500);
});
