/** The hardened example: its application in this process. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../cli/releases/read-contract.ts';
import { createApp } from '../../examples/hardened-node-app/app.mjs';
import { readSettings } from '../../examples/hardened-node-app/settings.mjs';
import { expectStatus, PATIENCE, type Process, startStore } from './processes.ts';
import { type Served, startHere } from './start-here.ts';
import { startStorePair } from './store-pair.ts';

const PREFIX = 'sess:web:';
const HTTPS = { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' };
const PAGE = { accept: 'text/html,application/xhtml+xml' };

let store: Process;
let redis: Redis;
let app: Served;
beforeAll(async () => {
  store = await startStore();
  redis = new Redis(store.port, '127.0.0.1');
  app = await start(store.port);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  await app.stop();
  redis.disconnect();
  await store.stop('SIGKILL');
});

const start = (storePort: number) =>
  startHere({ createApp, readSettings }, { SESSION_STORE_PORT: `${storePort}`, SESSION_STORE_KEY_PREFIX: PREFIX });

class Visitor {
  cookie = '';
  readonly #app: Served;
  constructor(of = app) {
    this.#app = of;
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
  const folder = await mkdtemp(join(tmpdir(), 'hardened-node-app-'));
  execFileSync(process.execPath, ['examples/hardened-node-app/build.mjs', '--version', '1.1.0', '--out', folder]);
  expect((await readdir(folder)).sort()).toEqual(['holdfast.app.json', 'package.json', 'server.mjs']);
  expect(await readContract(folder)).toMatchObject({ session: { cookie: '__Host-SID', page: '/internal/session' } });
  await rm(folder, { recursive: true, force: true });
});

describe('the cookie', () => {
  it('is for this host, HTTPS and this site alone, and never sent again', async () => {
    const ann = new Visitor();
    const login = await ann.logIn();
    expect(login.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-SID=s%3A[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
    ]);
    for (const path of ['/', '/count', '/devices']) expect((await ann.get(path)).headers.getSetCookie()).toEqual([]);
  });

  it('is new at each login and dead after a log-out, which clears it once', async () => {
    const ann = new Visitor();
    await ann.logIn();
    const [first, old] = [ann.cookie, new Visitor()];
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
    const ann = new Visitor();
    const plain = { 'x-forwarded-proto': 'http' };
    expect((await ann.post('/login', { user: 'ann' }, plain)).headers.getSetCookie()).toEqual([]);
    expectStatus(await ann.get('/internal/session'), 404);
    const local = await fetch(`http://127.0.0.1:${app.port}/internal/session`);
    expect(local.headers.get('set-cookie')).toMatch(/^__Host-SID=.+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  });
});

it('forbids caches, frames, other sites and plain HTTP, and leaves nothing of a visitor in the store', async () => {
  const ann = new Visitor();
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
    const devices = Array.from({ length: 4 }, () => new Visitor()) as [Visitor, Visitor, Visitor, Visitor];
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
    const ann = new Visitor();
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
  // The application prints that its store does not answer.
  beforeAll(() => void vi.spyOn(console, 'error').mockReturnValue());
  afterAll(() => vi.restoreAllMocks());

  it('that hangs is a page of 503, and nobody is logged out', async () => {
    const ann = new Visitor();
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
    const pair = await startStorePair();
    const behind = await start(pair.port);
    try {
      const [ann, bob] = [new Visitor(behind), new Visitor(behind)];
      await ann.logIn();
      await pair.copied(2);
      await pair.failOver();
      await bob.logIn('bob');
      expect(await (await ann.get('/count')).json()).toMatchObject({ user: 'ann', count: 1 });
    } finally {
      await behind.stop();
      await pair.stop();
    }
  });
});
