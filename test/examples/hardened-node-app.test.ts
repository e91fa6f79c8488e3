import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../cli/release/read-contract.ts';
import { expectStatus, PATIENCE, type Process, startApp, startStore } from './processes.ts';

const PREFIX = 'sess:web:';
const HTTPS = { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' };
const PAGE = { accept: 'text/html,application/xhtml+xml' };

let folder: string;
let store: Process;
let redis: Redis;
const running: Process[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hardened-node-app-'));
  execFileSync(process.execPath, ['examples/hardened-node-app/build.mjs', '--version', '1.1.0', '--out', folder]);
});
beforeEach(async () => {
  store = await track(startStore());
  redis = new Redis(store.port, '127.0.0.1');
  redis.on('error', () => undefined);
});
afterEach(async () => {
  redis.disconnect();
  await Promise.all(running.splice(0).map((process) => process.stop('SIGKILL')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const track = async (starting: Promise<Process>): Promise<Process> => {
  const process = await starting;
  running.push(process);
  return process;
};
const start = (port = store.port, settings = {}) =>
  track(startApp(folder, port, undefined, undefined, { SESSION_STORE_KEY_PREFIX: PREFIX, ...settings }));

class Visitor {
  cookie = '';
  readonly #app: Process;
  constructor(app: Process) {
    this.#app = app;
  }
  async ask(method: string, path: string, { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {}) {
    const response = await fetch(`http://127.0.0.1:${this.#app.port}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...HTTPS,
        ...(this.cookie && { cookie: this.cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) this.cookie = line.split(';')[0] as string;
    return response;
  }
  get = (path: string, headers = {}) => this.ask('GET', path, { headers });
  post = (path: string, body?: unknown, headers = {}) => this.ask('POST', path, { body, headers });
  async logIn(user = 'ann') {
    const response = await this.post('/login', { user });
    expectStatus(response, 200);
    return response;
  }
  page = async () => (await this.get('/', PAGE)).text();
}

it('makes a release of three files with a valid contract', async () => {
  expect((await readdir(folder)).sort()).toEqual(['holdfast.app.json', 'package.json', 'server.mjs']);
  expect(await readContract(folder)).toMatchObject({ session: { cookie: '__Host-SID', page: '/internal/session' } });
});

describe('the cookie', () => {
  it('is for this host, HTTPS and this site alone, and never sent again', async () => {
    const ann = new Visitor(await start());
    const login = await ann.logIn();
    expect(login.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-SID=s%3A[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
    ]);
    for (const path of ['/', '/count', '/devices']) expect((await ann.get(path)).headers.getSetCookie()).toEqual([]);
  });

  it('is new at each login and dead after a log-out, which clears it once', async () => {
    const ann = new Visitor(await start());
    await ann.logIn();
    const [first, old] = [ann.cookie, new Visitor(running.at(-1) as Process)];
    await ann.logIn();
    expect(ann.cookie).not.toBe(first);
    const second = ann.cookie;
    const logout = await ann.post('/logout');
    expect(logout.headers.get('set-cookie')).toMatch(/^__Host-SID=; Path=\/; Expires=Thu, 01 Jan 1970 .*Secure/);
    expect(logout.headers.get('clear-site-data')).toBe('"cache", "storage"');
    for (const cookie of [first, second]) {
      old.cookie = cookie;
      expectStatus(await old.get('/count'), 401);
    }
    expect((await old.post('/logout')).headers.getSetCookie()).toEqual([]);
  });

  it('is not set over plain HTTP, but for a runbook on the same machine', async () => {
    const ann = new Visitor(await start());
    const plain = { 'x-forwarded-proto': 'http' };
    expect((await ann.post('/login', { user: 'ann' }, plain)).headers.getSetCookie()).toEqual([]);
    expectStatus(await ann.get('/internal/session'), 404);
    const local = await fetch(`http://127.0.0.1:${running.at(-1)?.port}/internal/session`);
    expect(local.headers.get('set-cookie')).toMatch(/^__Host-SID=.+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  });
});

it('forbids caches, frames, other sites and plain HTTP, and leaves nothing of a visitor in the store', async () => {
  const ann = new Visitor(await start());
  const { headers } = await ann.get('/', PAGE);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.getSetCookie()).toEqual([]);
  expect(await redis.dbsize()).toBe(0);
  expectStatus(await ann.post('/login', { user: 'ann' }, { 'sec-fetch-site': 'cross-site' }), 403);
  expectStatus(await ann.post('/login', { user: '' }), 400);
  expect(await redis.dbsize()).toBe(0);
});

describe('devices', () => {
  it('are listed without ids, can be ended, and a login too many ends the oldest, whose page says why', async () => {
    const app = await start();
    const devices = Array.from({ length: 4 }, () => new Visitor(app)) as [Visitor, Visitor, Visitor, Visitor];
    for (const device of devices) await device.logIn();
    const [oldest, second, , newest] = devices;
    expect(await oldest.page()).toContain('you logged in on another device');
    const { devices: list } = (await (await newest.get('/devices')).json()) as { devices: { handle: string; current: boolean }[] };
    expect(list.map(({ current }) => current)).toEqual([true, false, false]);
    const html = await newest.page();
    expect(html.match(/Another device/g)).toHaveLength(2);
    for (const { cookie } of devices) expect(html).not.toContain(decodeURIComponent(cookie).slice(13, 45));
    const end = await newest.post(`/devices/${list[2]?.handle}/end`, undefined, PAGE);
    expect([end.status, end.headers.get('location')]).toEqual([303, '/']);
    expect(await second.page()).toContain('from another of your devices');
    expect(await (await newest.post('/devices/end-others')).json()).toMatchObject({ ended: 1 });
    expectStatus(await newest.get('/count'), 200);
    expect((await redis.keys('*')).every((key) => key.startsWith(PREFIX))).toBe(true);
  });

  it('escapes what a user wrote', async () => {
    const ann = new Visitor(await start());
    await ann.logIn('<b>ann</b>');
    expectStatus(await ann.post('/orders', { item: '<script>' }), 201);
    // A form leads back to the page, or to a page that says what was wrong.
    expectStatus(await ann.post('/orders', { item: 'pen' }, PAGE), 303);
    expect(await (await ann.post('/orders', { item: '' }, PAGE)).text()).toContain('That did not work');
    expect(await ann.page()).not.toMatch(/<b>ann|<script>/);
    expect(await ann.page()).toContain('They end with this session');
  });
});

describe('a store', () => {
  it('that hangs is a page of 503, and nobody is logged out', async () => {
    const ann = new Visitor(await start());
    await ann.logIn();
    store.child.kill('SIGSTOP');
    // Under traffic, where node-redis's own limits never end a wait.
    const others: Promise<number>[] = [];
    const traffic = setInterval(() => others.push(ann.get('/count').then(({ status }) => status)), 200);
    const page = await ann.get('/', PAGE);
    clearInterval(traffic);
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5']);
    expect(new Set(await Promise.all(others))).toEqual(new Set([503]));
    expect(await page.text()).toContain('You have not been logged out');
    expect(page.headers.getSetCookie()).toEqual([]);
    store.child.kill('SIGCONT');
    await vi.waitFor(async () => expectStatus(await ann.get('/count'), 200), PATIENCE);
  });

  it('that fails over behind an open connection is followed, by reads and by logins', async () => {
    const other = await track(startStore());
    const toOther = new Redis(other.port);
    let primary = store.port;
    const endpoint = createServer((socket) => {
      const upstream = connect(primary, '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream]) end.on('error', () => {});
      socket.on('close', () => upstream.destroy());
      upstream.on('close', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    try {
      await once(endpoint, 'listening');
      await toOther.replicaof('127.0.0.1', store.port);
      await vi.waitFor(async () => expect(await toOther.info('replication')).toContain('master_link_status:up'), PATIENCE);
      const app = await start((endpoint.address() as AddressInfo).port);
      const [ann, bob] = [new Visitor(app), new Visitor(app)];
      await ann.logIn();
      await vi.waitFor(async () => expect(await toOther.dbsize()).toBe(2), PATIENCE);
      await toOther.replicaof('NO', 'ONE');
      await redis.replicaof('127.0.0.1', other.port);
      primary = other.port;
      await bob.logIn('bob');
      expect(await (await ann.get('/count')).json()).toMatchObject({ user: 'ann', count: 1 });
    } finally {
      toOther.disconnect();
      endpoint.close();
    }
  });
});
