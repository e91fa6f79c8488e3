/** The Spring Boot example as releases of it run: the fleet's user of the template's store, over TLS. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../cli/releases/read-contract.ts';
import { freePort } from '../../lab/processes/free-port.ts';
import { ensureJava, whyNoJava } from '../../setup/java.mjs';
import { FULL } from '../e2e/full-run.ts';
import { PASSWORD, startTemplateStore, type TemplateStore } from '../infra/template-store.ts';
import { plantServer } from '../server/documents/read-logs/planted-server.ts';
import { DEFAULT_ENGINE } from '../store-engines.ts';
import { addClass, compile, makeTooNew, RESOLVER_AS_MEANT, RESOLVER_AS_PRINTED, SECURITY_AS_PRINTED } from './spring-snippets.ts';

/** A virtual machine that starts while others do. */
const START = { timeout: 150_000, interval: 200 };
const LONG_TEST_MS = 240_000;

interface App {
  readonly url: string;
  readonly statusPort: number;
  /** Everything that it has printed. */
  output(): string;
  readonly exited: Promise<unknown[]>;
  kill(signal: NodeJS.Signals): void;
}

const noJava = whyNoJava();

describe.skipIf(!FULL || noJava !== undefined)(`the Spring Boot example${noJava ? ` (${noJava})` : ''}`, { timeout: LONG_TEST_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'spring-app-'));
  const apps: App[] = [];
  let store: TemplateStore;
  let settings: Record<string, string>;

  const release = (version: string) => join(folder, version);
  const start = async (version: string, more: Record<string, string> = {}): Promise<App> => {
    const [port, statusPort] = [await freePort(), await freePort()];
    const [program = '', ...parameters] = (await readContract(release(version))).start;
    const PATH = `${join(ensureJava().home, 'bin')}:${process.env['PATH']}`;
    const env = { PATH, PORT: `${port}`, STATUS_PORT: `${statusPort}`, HOST: '127.0.0.1', ...settings, ...more };
    const child = spawn(program, parameters, { cwd: release(version), env, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part.toString()));
    const app: App = {
      url: `http://127.0.0.1:${port}`,
      statusPort,
      output: () => parts.join(''),
      exited: once(child, 'exit'),
      kill: (signal) => child.kill(signal),
    };
    apps.push(app);
    return app;
  };
  const live = (app: App) => vi.waitFor(async () => expect((await fetch(`${app.url}/live`)).status).toBe(200), START);
  const count = async (app: App, cookie: string) => {
    const response = await fetch(`${app.url}/count`, { headers: { cookie } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const login = async (app: App, cookie = '') => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: '{"user":"ann"}' };
    const response = await fetch(`${app.url}/login`, init);
    expect(response.status).toBe(200);
    return response.headers.get('set-cookie') ?? '';
  };
  const cookieIn = (setCookie: string) => setCookie.split(';')[0] ?? '';
  const measured = async (app: App, probe: 'inFlight' | 'requests' | 'errors') => {
    const { path } = (await readContract(release('1.1.0')))[probe] as { path: string };
    const body = (await (await fetch(`http://127.0.0.1:${app.statusPort}${path}`)).json()) as { measurements: { value: number }[] };
    return body.measurements[0]?.value;
  };

  const server = plantServer();
  let first: App;
  let second: App;
  beforeAll(async () => {
    for (const version of ['1.1.0', '1.2.0'])
      execFileSync(process.execPath, ['examples/spring-app/build.mjs', '--version', version, '--out', release(version)]);
    store = await startTemplateStore(DEFAULT_ENGINE, {}, { shop: { channels: ['spring-session-indexed'] }, plain: {} });
    const authority = join(folder, 'ca.pem');
    writeFileSync(authority, store.caPem);
    settings = {
      SESSION_STORE_HOST: 'localhost',
      SESSION_STORE_PORT: `${store.port}`,
      SESSION_STORE_TLS: 'true',
      SESSION_STORE_USER: 'app-shop',
      SESSION_STORE_PASSWORD: PASSWORD,
      SESSION_STORE_KEY_PREFIX: 'sess:shop:',
      NODE_EXTRA_CA_CERTS: authority,
    };
    [first, second] = await Promise.all([start('1.1.0', { HOLDFAST_DATA: server.data }), start('1.2.0')]);
    await Promise.all([live(first), live(second)]);
  });
  afterAll(async () => {
    for (const app of apps) app.kill('SIGKILL');
    await Promise.all(apps.map(({ exited }) => exited));
    await store?.stop();
    server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives a cookie that scripts and other sites cannot use, which ends with the browser', async () => {
    expect(await login(first)).toMatch(/^SID=[\w=]+; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  });

  it('keeps a log-in and its count where two releases serve it', async () => {
    const cookie = cookieIn(await login(first));
    expect((await count(first, cookie)).body).toMatchObject({ user: 'ann', count: 1, version: '1.1.0' });
    expect((await count(second, cookie)).body).toMatchObject({ user: 'ann', count: 2, version: '1.2.0' });
    expect((await count(first, cookie)).body).toMatchObject({ user: 'ann', count: 3 });
  });

  it('writes an access log that the document for incidents understands, without ids', async () => {
    const fromMs = Date.now();
    const cookie = cookieIn(await login(first));
    await count(first, cookie);
    await count(first, `SID=${Buffer.from('00000000-0000-4000-8000-000000000000').toString('base64')}`);
    const log = readFileSync(join(server.data, 'logs/access.log'), 'utf8');
    const id = Buffer.from(cookie.replace('SID=', ''), 'base64').toString();
    for (const raw of [id, cookie.replace('SID=', ''), 'ann']) expect(log).not.toContain(raw);
    server.contract(await readContract(release('1.1.0')));
    const { output } = await server.run({ SSM_fromMs: String(fromMs), SSM_toMs: String(Date.now()) });
    expect(output.access).toMatchObject({
      lines: 3,
      statuses: { '200': 2, '401': 1 },
      withSession: 2,
      // Spring Security answers a login before any handler is chosen.
      created: { byAgent: { script: 1 }, byPath: { '/*': 1 } },
    });
    expect(output.access?.sessions).toHaveLength(2);
  });

  it('has a page at which an incident’s runbook sees the attributes of the cookie, on the server alone', async () => {
    const port = Number(new URL(first.url).port);
    server.contract({ ...(await readContract(release('1.1.0'))), port });
    const { output } = await server.run({ SSM_fromMs: String(Date.now() - 1_000), SSM_toMs: String(Date.now()) });
    expect(output.cookie).toEqual({ name: 'SID', maxAgeSeconds: null, sameSite: 'Strict', secure: true, httpOnly: true, slides: false });
    // As the load balancer on the same machine would send it, and one elsewhere.
    for (const headers of [{ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-port': '443' }, { 'x-forwarded-for': '203.0.113.9' }]) {
      const response = await fetch(`${first.url}/internal/session`, { headers });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([404, null]);
    }
  });

  it('gives a new id at login, and begins each key with the prefix of the fleet', async () => {
    const before = cookieIn(await login(first));
    const after = cookieIn(await login(first, before));
    expect(after).not.toBe(before);
    expect((await count(first, before)).status).toBe(401);
    const keys = (await store.admin('KEYS', '*')) as string[];
    expect(keys.length).toBeGreaterThan(3);
    expect(keys.filter((key) => !key.startsWith('sess:shop:spring:session:'))).toEqual([]);
  });

  it('ends the earlier session of a user who logs in on another server, and says so with 401', async () => {
    const earlier = cookieIn(await login(first));
    const later = cookieIn(await login(second));
    expect(await count(first, earlier)).toMatchObject({ status: 401, body: { error: 'logged in elsewhere' } });
    expect(await count(first, earlier)).toMatchObject({ status: 401, body: { error: 'not logged in' } });
    expect((await count(first, later)).status).toBe(200);
  });

  it('saves no session for a visitor who is refused', async () => {
    const before = ((await store.admin('KEYS', '*')) as string[]).length;
    const response = await fetch(`${first.url}/count`);
    expect(response.status).toBe(401);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(((await store.admin('KEYS', '*')) as string[]).length).toBe(before);
  });

  it('takes a login as JSON alone, as another site’s form can send it otherwise', async () => {
    const body = new URLSearchParams({ user: 'ann' });
    expect((await fetch(`${first.url}/login`, { method: 'POST', body })).status).toBe(400);
    expect((await fetch(`${first.url}/login`, { method: 'POST', body: '{"user":"ann"}' })).status).toBe(400);
  });

  it('counts the requests of users and none of the probes, on a port that only this machine reaches', async () => {
    const before = (await measured(first, 'requests')) ?? 0;
    const slow = fetch(`${first.url}/slow?ms=2000`);
    await vi.waitFor(async () => expect(await measured(first, 'inFlight')).toBe(1), START);
    expect((await slow).status).toBe(200);
    await vi.waitFor(async () => expect(await measured(first, 'inFlight')).toBe(0), START);
    expect(await measured(first, 'requests')).toBe(before + 1);
    expect((await fetch(`${first.url}/actuator/metrics/http.server.requests`)).status).toBe(404);
    // Every address of 127.0.0.0/8 is this machine's on Linux; elsewhere nobody has this one.
    await expect(fetch(`http://127.0.0.2:${first.statusPort}/actuator/health`)).rejects.toThrow();
  });

  it('is DOWN at /health and answers 503 while the store hangs, stays live, and goes on with the same session', async () => {
    const cookie = cookieIn(await login(second));
    const errors = (await measured(second, 'errors')) ?? 0;
    await store.admin('CLIENT', 'PAUSE', '15000', 'ALL');
    const startedMs = performance.now();
    const [health, live, counted] = await Promise.all([fetch(`${second.url}/health`), fetch(`${second.url}/live`), count(second, cookie)]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect([health.status, live.status, counted.status]).toEqual([503, 200, 503]);
    expect(await health.json()).toEqual({ status: 'DOWN' });
    expect(counted.body).toMatchObject({ error: 'the session store is not available', version: '1.2.0' });
    expect(await measured(second, 'errors')).toBeGreaterThan(errors);
    await vi.waitFor(async () => expect((await fetch(`${second.url}/health`)).status).toBe(200), START);
    // The refused request may have been counted when the store woke up.
    expect((await count(second, cookie)).body).toMatchObject({ user: 'ann' });
    expect(second.output()).toContain('the session store is not available: QueryTimeoutException');
    expect(second.output()).not.toContain(cookie.slice(4));
  });

  it('does not start where its user may not subscribe, and its last lines say so', async () => {
    const app = await start('1.1.0', { SESSION_STORE_USER: 'app-plain', SESSION_STORE_KEY_PREFIX: 'sess:plain:' });
    expect((await app.exited)[0]).toBe(1);
    const lines = app.output().trimEnd().split('\n');
    expect(lines.filter((line) => !/^\s+(at |\.\.\. )/.test(line)).at(-1)).toBe(
      "Caused by: io.lettuce.core.RedisCommandExecutionException: NOPERM User app-plain has no permissions to run the 'psubscribe' command",
    );
  });

  it('keeps two snippets from what they say: one does not compile, and the other ignores application.yml', async () => {
    const library = release('1.1.0');
    expect(compile(RESOLVER_AS_PRINTED, library, join(folder, 'printed'))).toMatch(/cannot find symbol[\s\S]*withCookieSerializer/);
    expect(compile(SECURITY_AS_PRINTED, library, join(folder, 'security'))).toBe('');
    addClass(RESOLVER_AS_MEANT, library, release('meant'));
    const app = await start('meant');
    await live(app);
    expect(await login(app)).toMatch(/^SESSION=[\w=]+; Path=\/; HttpOnly; SameSite=Lax$/);
    app.kill('SIGKILL');
  });

  it('says which Java it needs where the server has an older one', async () => {
    makeTooNew(release('1.1.0'), release('new'));
    const app = await start('new');
    expect((await app.exited)[0]).toBe(1);
    expect(app.output()).toMatch(/UnsupportedClassVersionError: .* \(class file version 900\.0\), this version of the Java Runtime only/);
  });

  it('finishes a request in flight when it is stopped, and accepts no new one', async () => {
    const slow = fetch(`${first.url}/slow?ms=2000`);
    await vi.waitFor(async () => expect(await measured(first, 'inFlight')).toBe(1), START);
    first.kill('SIGTERM');
    await vi.waitFor(async () => expect(await fetch(`${first.url}/live`).catch(() => 'refused')).toBe('refused'), START);
    expect(await (await slow).json()).toMatchObject({ sleptMs: 2000 });
    expect((await first.exited)[0]).toBe(143);
  });
});

it('a release is app.jar, its locked libraries, its version, and a valid contract', async () => {
  const lock = readFileSync(new URL('../../examples/spring-app/maven.lock', import.meta.url), 'utf8');
  expect(lock).toMatch(/^[0-9a-f]{64} {2}lib\/spring-session-data-redis-3\.5\.\d+\.jar$/m);
  const contract = await readContract(new URL('../../examples/spring-app', import.meta.url).pathname);
  expect(contract).toMatchObject({
    health: { loadBalancer: '/live', ready: '/health' },
    statusPort: 8081,
    inFlight: { port: 'STATUS_PORT' },
  });
});
