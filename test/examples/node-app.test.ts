import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../cli/releases/read-contract.ts';
import { createApp } from '../../examples/node-app/app.mjs';
import { readSettings } from '../../examples/node-app/settings.mjs';
import { plantServer } from '../server/documents/read-logs/planted-server.ts';
import { expectStatus, PATIENCE, type Process, startApp, startStore } from './processes.ts';
import { type Served, startHere } from './start-here.ts';
import { startStorePair } from './store-pair.ts';

const PREFIX = 'sess:shop:';

let folder: string;
/** The store and application of all tests that neither stop them nor set up their own. */
let shared: { readonly store: Process; readonly app: Process; readonly redis: Redis };
const running: { stop(signal: NodeJS.Signals): Promise<unknown> }[] = [];
const track = async <T extends (typeof running)[number]>(starting: Promise<T>): Promise<T> => {
  const process = await starting;
  running.push(process);
  return process;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'node-app-'));
  execFileSync(process.execPath, ['examples/node-app/build.mjs', '--version', '1.1.0', '--out', folder]);
  const store = await startStore();
  const app = await startApp(folder, store.port, undefined, undefined, { SESSION_STORE_KEY_PREFIX: PREFIX });
  shared = { store, app, redis: new Redis(store.port, '127.0.0.1') };
});
afterEach(async () => {
  // An application before its store, of whose end it would print.
  for (const process of running.splice(0).reverse()) await process.stop('SIGKILL');
});
afterAll(async () => {
  shared.redis.disconnect();
  await Promise.all([shared.app.stop('SIGKILL'), shared.store.stop('SIGKILL')]);
  await rm(folder, { recursive: true, force: true });
});

const here = (storePort: number, settings = {}) =>
  track(startHere({ createApp, readSettings }, { SESSION_STORE_PORT: `${storePort}`, ...settings }));
const url = (app: Served, path: string) => `http://127.0.0.1:${app.port}${path}`;
const get = (app: Served, path: string, headers: Record<string, string> = {}) => fetch(url(app, path), { headers });
const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const login = async (app: Served, cookie = '', headers: Record<string, string> = {}) => {
  const response = await fetch(url(app, '/login'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie, ...headers },
    body: '{"user":"ann"}',
  });
  expectStatus(response, 200);
  return response;
};

describe('build', () => {
  it('makes a release of three files with a valid contract', async () => {
    expect((await readdir(folder)).sort()).toEqual(['holdfast.app.json', 'package.json', 'server.mjs']);
    expect((await readContract(folder)).health).toEqual({ loadBalancer: '/live', ready: '/health' });
  });
});

describe('the application with a store', () => {
  it('keeps the session, and its count, over a restart of the server, and listens on HOST alone', async () => {
    const { store } = shared;
    const first = await track(startApp(folder, store.port));
    // Every address of 127.0.0.0/8 is this machine's on Linux; elsewhere nobody has this one.
    await expect(fetch(`http://127.0.0.2:${first.port}/live`)).rejects.toThrow();
    const cookie = cookieOf(await login(first));
    expect(await (await get(first, '/count', { cookie })).json()).toMatchObject({ user: 'ann', count: 1, version: '1.1.0' });
    expect(await first.stop()).toBe(0);

    const second = await track(startApp(folder, store.port));
    expect(await (await get(second, '/count', { cookie })).json()).toMatchObject({ user: 'ann', count: 2 });
  });

  it.each([
    ['old', 'old,new', 'both'],
    ['old,new', 'new,old', 'both'],
    ['new,old', 'new', 'both'],
    // Servers of the previous release do not know the key that signs.
    ['old', 'new,old', 'next'],
    ['old', 'new', 'none'],
  ])('with SESSION_SECRET %s and %s in two releases, the sessions that the other writes are read by %s', async (before, after, readBy) => {
    const [previous, next] = await Promise.all([before, after].map((secret) => here(shared.store.port, { SESSION_SECRET: secret })));
    const reads = async (writer: Served, reader: Served) =>
      (await get(reader, '/count', { cookie: cookieOf(await login(writer)) })).status === 200;
    const byNext = await reads(previous as Served, next as Served);
    const byPrevious = await reads(next as Served, previous as Served);
    expect({ byNext, byPrevious }).toEqual({ byNext: readBy !== 'none', byPrevious: readBy === 'both' });
  });

  it('writes an access log that the document for incidents understands, with nothing of a user in it', async () => {
    const server = plantServer();
    const { store } = shared;
    const app = await here(store.port, { HOLDFAST_DATA: server.data });
    const cookie = cookieOf(await login(app, '', { 'user-agent': 'Mozilla/5.0', referer: 'https://pay.example/done?order=8341' }));
    expectStatus(await get(app, '/count', { cookie }), 200);
    expectStatus(await get(app, '/users/ann?token=s3cret', { cookie }), 404);
    await fetch(url(app, '/logout'), { method: 'POST', headers: { cookie } });
    expectStatus(await get(app, '/count', { cookie }), 401);
    const file = join(server.data, 'logs/access.log');
    const log = await vi.waitUntil(
      () => existsSync(file) && readFileSync(file, 'utf8').split('\n').length > 5 && readFileSync(file, 'utf8'),
    );
    const id = decodeURIComponent(cookie).slice('SID=s:'.length).split('.')[0] ?? '';
    for (const raw of [id, 'ann', 's3cret', '8341', '127.0.0.1', 'example']) expect(log).not.toContain(raw);

    server.contract({ ...(await readContract(folder)), port: app.port });
    const { output } = await server.run({ SSM_fromMs: '0', SSM_toMs: String(Date.now()) });
    expect(output).toMatchObject({
      access: {
        lines: 5,
        statuses: { '200': 2, '204': 1, '401': 1, '404': 1 },
        withSession: 4,
        created: { byAgent: { browser: 1 } },
        fromOtherSite: { withCookie: 0, withoutCookie: 0, refused: 0, posts: { withCookie: 0, withoutCookie: 1, refused: 0 } },
        sessions: [expect.stringMatching(/^[0-9a-f]{12} 0 [0-9] 4 - \*$/)],
      },
      cookie: { name: 'SID', sameSite: 'Strict', secure: false, httpOnly: true, slides: true },
      gaps: [],
    });
    expect(Math.abs((output.cookie?.maxAgeSeconds ?? 0) - 1800)).toBeLessThanOrEqual(1);
    server.remove();
  });

  it('begins each key with the prefix of its fleet', async () => {
    const { app, redis } = shared;
    await redis.flushall();
    await login(app);
    expect(await redis.keys('*')).toEqual([expect.stringMatching(/^sess:shop:[\w-]{32}$/)]);
  });

  it('gives a new id at login, in a cookie that scripts and other sites cannot use', async () => {
    const { app } = shared;
    const before = cookieOf(await login(app));
    const response = await login(app, before, { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' });
    expect(response.headers.get('set-cookie')).toMatch(/^SID=.+; Path=\/; Expires=.+; HttpOnly; Secure; SameSite=Strict$/);
    expect(cookieOf(response)).not.toBe(before);
    expectStatus(await get(app, '/count', { cookie: before }), 401);
    const after = cookieOf(response);
    expectStatus(await fetch(url(app, '/logout'), { method: 'POST', headers: { cookie: after } }), 204);
    expectStatus(await get(app, '/count', { cookie: after }), 401);
  });

  // Again when a connection of the test's own breaks under load: seen twice in three whole runs, its cause not found.
  it('is DOWN at /health without the store, stays live, and comes back with it', { retry: 2 }, async () => {
    const store = await track(startStore());
    const app = await track(startApp(folder, store.port));
    expect(await vi.waitFor(async () => (await get(app, '/health')).json(), PATIENCE)).toEqual({ status: 'UP', version: '1.1.0' });
    const cookie = cookieOf(await login(app));
    await store.stop('SIGKILL');

    const down = await vi.waitFor(async () => {
      const response = await get(app, '/health');
      expectStatus(response, 503);
      return response;
    }, PATIENCE);
    expect(await down.json()).toMatchObject({ status: 'DOWN', reason: expect.stringContaining('store') });
    await vi.waitFor(async () => expectStatus(await get(app, '/live'), 200), PATIENCE);

    await track(startStore(store.port));
    await vi.waitFor(async () => expectStatus(await get(app, '/health'), 200), PATIENCE);
    expectStatus(await get(app, '/count', { cookie }), 401);
  });

  it('reports DOWN within about a second when the store hangs', async () => {
    const { store, app } = shared;
    await vi.waitFor(async () => expectStatus(await get(app, '/health'), 200), PATIENCE);
    store.child.kill('SIGSTOP');
    const startedMs = performance.now();
    expectStatus(await get(app, '/health'), 503);
    expect(performance.now() - startedMs).toBeLessThan(2_500);
    store.child.kill('SIGCONT');
    await vi.waitFor(async () => expectStatus(await get(app, '/health'), 200), PATIENCE);
  });

  it('shows its counts only to programs on the same machine, and does not count probes', async () => {
    const { store } = shared;
    const app = await here(store.port);
    await login(app);
    await get(app, '/health');
    const slow = get(app, '/slow?ms=300');
    await vi.waitFor(
      async () =>
        expect(await (await get(app, '/internal/status')).json()).toEqual({
          inFlight: 1,
          requests: 2,
          errors: 0,
          latencyMs: expect.any(Number),
          ...{ sessions: 0, session: { timeoutSeconds: 1_800 } },
        }),
      PATIENCE,
    );
    expectStatus(await get(app, '/internal/status', { 'x-forwarded-for': '127.0.0.1' }), 404);
    expectStatus(await slow, 200);
  });

  it('finishes a request in flight when it is stopped, and accepts no new one', async () => {
    const { store } = shared;
    const app = await track(startApp(folder, store.port));
    // A browser's idle connection must not hold the server up.
    await get(app, '/live');
    const slow = get(app, '/slow?ms=700');
    await vi.waitFor(async () => expect(await (await get(app, '/internal/status')).json()).toMatchObject({ inFlight: 1 }), PATIENCE);
    const status = app.stop();
    await vi.waitFor(async () => {
      const socket = connect(app.port, '127.0.0.1');
      await expect(once(socket, 'connect').finally(() => socket.destroy())).rejects.toThrow('ECONNREFUSED');
    }, PATIENCE);
    expect(await (await slow).json()).toMatchObject({ sleptMs: 700 });
    expect(await status).toBe(0);
  });

  it('sends a download in chunks, while it is still being made', async () => {
    const { app } = shared;
    const response = await get(app, '/download?chunks=4&ms=400');
    const arrivedMs: number[] = [];
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      arrivedMs.push(performance.now());
      text += Buffer.from(chunk).toString();
    }
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { chunk: number }).chunk),
    ).toEqual([1, 2, 3, 4]);
    expect((arrivedMs.at(-1) as number) - (arrivedMs[0] as number)).toBeGreaterThan(150);
  });

  it('closes its WebSockets with "going away" when it is stopped, and stops at once', async () => {
    const { store } = shared;
    const app = await track(startApp(folder, store.port));
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}/socket`);
    await once(socket, 'open');
    const heard = once(socket, 'message');
    socket.send('hello');
    const [{ data }] = (await heard) as [{ data: string }];
    expect(JSON.parse(data)).toMatchObject({ echo: 'hello', version: '1.1.0' });
    const closed = once(socket, 'close');
    const startedMs = performance.now();
    expect(await app.stop()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    expect(((await closed) as [CloseEvent])[0].code).toBe(1001);
    const elsewhere = new WebSocket(`ws://127.0.0.1:${app.port}/elsewhere`);
    await once(elsewhere, 'error');
  });

  it('follows the primary when the old one continues as a replica', async () => {
    const pair = await track(startStorePair());
    const app = await here(pair.port);
    const cookie = cookieOf(await login(app));
    await pair.copied(1);
    await pair.failOver();
    expect(await (await get(app, '/count', { cookie })).json()).toMatchObject({ user: 'ann', count: 1 });
  });
});
