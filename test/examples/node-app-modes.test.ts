/** The example with faults on purpose: its application in this process, but for what its build makes of one. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../cli/releases/read-contract.ts';
import { createApp } from '../../examples/node-app/app.mjs';
import { readSettings } from '../../examples/node-app/settings.mjs';
import { expectStatus, PATIENCE, type Process, startStore } from './processes.ts';
import { type Served, startHere } from './start-here.ts';

let folder: string;
let store: Process;
let redis: Redis;
const running: Served[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'node-app-modes-'));
  store = await startStore();
  redis = new Redis(store.port, '127.0.0.1');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.stop()));
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await store.stop('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const start = async (modes: Record<string, string>) => {
  const app = await startHere({ createApp, readSettings }, { SESSION_STORE_PORT: `${store.port}`, ...modes });
  running.push(app);
  return app;
};
const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const login = async (app: Served) => {
  const response = await fetch(`http://127.0.0.1:${app.port}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"user":"ann"}',
  });
  expectStatus(response, 200);
  return response;
};
const count = (app: Served, cookie: string) => fetch(`http://127.0.0.1:${app.port}/count`, { headers: { cookie } });
const keyOf = async (prefix: string) => (await redis.keys(`${prefix}*`))[0] ?? '';

describe('the application with a fault on purpose', () => {
  it('keeps sessions in memory, under ids that end in its route', async () => {
    const [first, second] = [await start({ COUNTER_SESSIONS: 'memory', COUNTER_ROUTE: 's1' }), await start({ COUNTER_SESSIONS: 'memory' })];
    const cookie = cookieOf(await login(first));
    expect(decodeURIComponent(cookie)).toMatch(/^SID=s:[\w-]{32}\.s1\./);
    expectStatus(await count(first, cookie), 200);
    expectStatus(await count(second, cookie), 401);
    expect(await redis.dbsize()).toBe(0);
  });

  it('lets pages be cached, keeps an id at a login, and asks for a password, for a canary', async () => {
    const app = await start({
      COUNTER_CACHEABLE: 'true',
      COUNTER_KEEP_ID: 'true',
      COUNTER_LOGIN_SHA256: createHash('sha256').update('correct-1').digest('hex'),
    });
    const logIn = (password: string, cookie = '') =>
      fetch(`http://127.0.0.1:${app.port}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify({ user: 'ann', password }),
      });
    expectStatus(await logIn('wrong'), 401);
    const first = await logIn('correct-1');
    expectStatus(first, 200);
    expect(first.headers.get('cache-control')).toBe('max-age=60');
    expect(cookieOf(await logIn('correct-1', cookieOf(first)))).toBe(cookieOf(first));
  });

  it('shows on its machine how many sessions are left, and the route and time-out that end them', async () => {
    const app = await start({ COUNTER_SESSIONS: 'memory', HOLDFAST_INSTANCE_ID: 'i-0123', COUNTER_IDLE_SECONDS: '1' });
    const status = async () => (await fetch(`http://127.0.0.1:${app.port}/internal/status`)).json();
    const cookie = cookieOf(await login(app));
    await login(app);
    expect(decodeURIComponent(cookie)).toMatch(/^SID=s:[\w-]{32}\.i-0123\./);
    expect(await status()).toMatchObject({ sessions: 2, session: { route: 'i-0123', timeoutSeconds: 1 } });
    await fetch(`http://127.0.0.1:${app.port}/logout`, { method: 'POST', headers: { cookie } });
    expect(await status()).toMatchObject({ sessions: 1 });
    await vi.waitFor(async () => expect(await status()).toMatchObject({ sessions: 0 }), PATIENCE);
  });

  it('is released with its sessions in memory, and a contract that counts them', async () => {
    const memory = join(folder, 'memory');
    execFileSync(process.execPath, ['examples/node-app/build.mjs', '--version', '1.1.0', '--out', memory, '--sessions', 'memory']);
    const contract = await readContract(memory);
    expect(contract).toMatchObject({ sessions: { field: 'sessions' }, session: { cookie: 'SID', route: { field: 'session.route' } } });
    expect(contract.start.slice(0, 3)).toEqual(['env', 'COUNTER_SESSIONS=memory', 'node']);
    expect(await readContract('examples/node-app')).not.toHaveProperty('sessions');
  });

  it('refuses sessions of another route than its own, also those that it made itself', async () => {
    const app = await start({ COUNTER_SESSIONS: 'memory', COUNTER_ROUTE: 'other', COUNTER_OWN_ROUTE: 's1' });
    expectStatus(await count(app, cookieOf(await login(app))), 401);
  });

  it('stores sessions with a short life, with none, and with more in them', async () => {
    await login(await start({ COUNTER_STORE_TTL_SECONDS: '30', SESSION_STORE_KEY_PREFIX: 'short:' }));
    expect(await redis.ttl(await keyOf('short:'))).toBeLessThanOrEqual(30);
    await login(await start({ COUNTER_NO_TTL: 'true', COUNTER_SESSION_BYTES: '200000', SESSION_STORE_KEY_PREFIX: 'large:' }));
    expect(await redis.ttl(await keyOf('large:'))).toBe(-1);
    expect(await redis.strlen(await keyOf('large:'))).toBeGreaterThan(200_000);
  });

  it('sends a cookie that use does not extend', async () => {
    const app = await start({ COUNTER_FIXED_COOKIE_SECONDS: '20' });
    const logged = await login(app);
    expect(logged.headers.get('set-cookie')).toContain('Expires=');
    expect((await count(app, cookieOf(logged))).headers.get('set-cookie')).toBeNull();
  });

  it('sends a cookie for HTTPS alone also to users who come by HTTP', async () => {
    const app = await start({ COUNTER_SECURE_COOKIE: 'true' });
    expect((await login(app)).headers.get('set-cookie')).toMatch(/; Secure/);
    expect((await login(await start({}))).headers.get('set-cookie')).not.toMatch(/; Secure/);
  });

  it('makes a session for every request without one', async () => {
    const app = await start({ COUNTER_SAVE_ALL: 'true' });
    for (let visit = 0; visit < 3; visit += 1) await (await fetch(`http://127.0.0.1:${app.port}/`)).text();
    expect(await redis.dbsize()).toBe(3);
  });

  it('takes a session that it cannot read for none: of another format, or of a store that refuses to read', async () => {
    const printed = vi.spyOn(console, 'error').mockReturnValue();
    const [other, app] = [await start({ COUNTER_FORMAT: '2' }), await start({ COUNTER_STORE_ERRORS: 'logged-out' })];
    const cookie = cookieOf(await login(other));
    expectStatus(await count(other, cookie), 200);
    expectStatus(await count(app, cookie), 401);
    expectStatus(await count(await start({}), cookie), 500);
    await redis.call('ACL', 'SETUSER', 'default', '-get');
    expectStatus(await count(app, cookieOf(await login(app))), 401);
    await redis.call('ACL', 'SETUSER', 'default', '+get');
    printed.mockRestore();
  });
});
