/**
 * The Tomcat example as releases of it run: a real Tomcat with Redisson, as the service's user with a release that belongs to root,
 * and the fleet's user of the template's store over TLS.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../cli/releases/read-contract.ts';
import { buildTomcatRelease } from '../../cli/releases/tomcat/build-release.ts';
import { tomcatApp as appSchema } from '../../infra/config/app-kind.ts';
import { freePort } from '../../lab/processes/free-port.ts';
import { ensureJava, ensureMavenOutput, whyNoJava } from '../../setup/java.mjs';
import { FULL } from '../e2e/full-run.ts';
import { PASSWORD, startTemplateStore, type TemplateStore } from '../infra/template-store.ts';
import { plantServer } from '../server/documents/read-logs/planted-server.ts';
import { DEFAULT_ENGINE } from '../store-engines.ts';

/** A virtual machine that starts while others do. */
const START = { timeout: 100_000, interval: 200 };
const LONG_TEST_MS = 120_000;
/** `nobody`: the service's user is neither root nor the release's owner. */
const NOBODY = 65_534;
/** Programs that it can run, whatever is first in the PATH of root. */
const PATH = '/usr/local/bin:/usr/bin:/bin';
const AS_SERVICE = process.getuid?.() === 0 ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];

interface Server {
  readonly url: string;
  readonly port: number;
  readonly statusPort: number;
  /** HOLDFAST_DATA */
  readonly data: string;
  output(): string;
  readonly exited: Promise<unknown[]>;
  kill(signal: NodeJS.Signals): void;
}

const noJava = whyNoJava();

describe.skipIf(!FULL || noJava !== undefined)(`the Tomcat example${noJava ? ` (${noJava})` : ''}`, { timeout: LONG_TEST_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tomcat-app-'));
  const servers: Server[] = [];
  let store: TemplateStore;
  let settings: Record<string, string>;
  let tomcat: { home: string; libraries: string };

  const build = async (version: string, war: string, more: object = {}, strategy: 'redis' | 'sticky' = 'redis') => {
    const input = {
      kind: 'tomcat',
      ...tomcat,
      health: { loadBalancer: '/live', ready: '/health' },
      session: { cookie: 'SID', page: '/internal/session' },
      javaOptions: ['-XX:TieredStopAtLevel=1'],
    };
    const fleet = { app: appSchema.parse({ ...input, sameSite: 'strict', ...more }), port: 8080, strategy };
    return buildTomcatRelease({ war, fleet, folder: join(folder, version) });
  };
  const start = async (release: string, more: Record<string, string> = {}): Promise<Server> => {
    const [port, statusPort] = [await freePort(), await freePort()];
    const data = join(folder, `data-${port}`);
    mkdirSync(data);
    if (AS_SERVICE.length > 0) chownSync(data, NOBODY, NOBODY);
    const [program = '', ...parameters] = [...AS_SERVICE, ...(await readContract(release)).start];
    const env = {
      PATH,
      JAVA_HOME: ensureJava().home,
      PORT: `${port}`,
      STATUS_PORT: `${statusPort}`,
      HOST: '127.0.0.1',
      HOLDFAST_DATA: data,
    };
    const child = spawn(program, parameters, {
      cwd: release,
      env: { ...env, HOLDFAST_INSTANCE_ID: `i-${port}`, ...settings, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const parts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part.toString()));
    const server: Server = {
      url: `http://127.0.0.1:${port}`,
      port,
      statusPort,
      data,
      output: () => parts.join(''),
      exited: once(child, 'exit'),
      kill: (signal) => child.kill(signal),
    };
    servers.push(server);
    return server;
  };
  const live = (server: Server) =>
    vi.waitFor(async () => {
      const status = await fetch(`${server.url}/live`).then(
        (response) => response.status,
        () => 'refused',
      );
      expect(status, server.output()).toBe(200);
    }, START);
  const counts = async (server: Server) =>
    (await (await fetch(`http://127.0.0.1:${server.statusPort}/status`)).json()) as Record<
      'inFlight' | 'requests' | 'errors' | 'busyThreads',
      number
    >;
  const count = async (server: Server, cookie: string) => {
    const response = await fetch(`${server.url}/count`, { headers: { cookie } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const login = async (server: Server, cookie = '') => {
    const response = await fetch(`${server.url}/login`, { method: 'POST', headers: { cookie }, body: '{"user":"ann"}' });
    expect(response.status).toBe(200);
    return response.headers.get('set-cookie') ?? '';
  };
  const cookieIn = (setCookie: string) => setCookie.split(';')[0] ?? '';

  let first: Server;
  let second: Server;
  beforeAll(async () => {
    // The service's user goes through it.
    chmodSync(folder, 0o755);
    const output = await ensureMavenOutput('tomcat-app');
    // The checkout may be in root's home.
    cpSync(join(output, 'tomcat'), join(folder, 'tomcat'), { recursive: true });
    // Tomcat's archive keeps its files from others; a package, or a release's archive, does not.
    for (const { parentPath, name } of readdirSync(join(folder, 'tomcat'), { recursive: true, withFileTypes: true }))
      chmodSync(join(parentPath, name), 0o755);
    tomcat = { home: join(folder, 'tomcat'), libraries: join(output, 'libraries') };
    store = await startTemplateStore(DEFAULT_ENGINE, {}, { shop: { channels: ['redisson-tomcat'] } });
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
    const releases: string[] = [];
    for (const version of ['1.1.0', '1.2.0']) {
      execFileSync(process.execPath, ['examples/tomcat-app/build.mjs', '--version', version, '--out', join(folder, `war-${version}`)]);
      releases.push(await build(version, join(folder, `war-${version}`, 'app.war')));
    }
    [first, second] = (await Promise.all(releases.map((release) => start(release)))) as [Server, Server];
    await Promise.all([live(first), live(second)]);
  });
  afterAll(async () => {
    for (const server of servers) server.kill('SIGKILL');
    await Promise.all(servers.map(({ exited }) => exited));
    await store?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps a log-in and its count where two releases serve it, and ends it on both', async () => {
    const cookie = cookieIn(await login(first));
    expect(cookie).toMatch(new RegExp(`^SID=[0-9A-F]{32}\\.i-${first.port}$`));
    expect((await count(first, cookie)).body).toMatchObject({ user: 'ann', count: 1, version: '1.1.0' });
    expect((await count(second, cookie)).body).toMatchObject({ user: 'ann', count: 2, version: '1.2.0' });
    expect((await count(first, cookie)).body).toMatchObject({ user: 'ann', count: 3 });
    await fetch(`${first.url}/logout`, { method: 'POST', headers: { cookie } });
    // The other server has a copy until the message arrives.
    await vi.waitFor(async () => expect((await count(second, cookie)).status).toBe(401), START);
    expect((await count(first, cookie)).status).toBe(401);
  });

  it('gives a new id at login, with the route of the server that gave it', async () => {
    const before = cookieIn(await login(first));
    const after = cookieIn(await login(second, before));
    expect(after).toMatch(new RegExp(`\\.i-${second.port}$`));
    expect((await count(first, before)).status).toBe(401);
    expect((await count(first, after)).body).toMatchObject({ count: 1 });
  });

  it('has a page at which an incident’s runbook sees the attributes of the cookie, on the server alone', async () => {
    const planted = plantServer();
    try {
      planted.contract({ ...(await readContract(join(folder, '1.1.0'))), port: first.port });
      const { output } = await planted.run({ SSM_fromMs: String(Date.now() - 1_000), SSM_toMs: String(Date.now()) });
      expect(output.cookie).toEqual({ name: 'SID', maxAgeSeconds: null, sameSite: 'Strict', secure: false, httpOnly: true, slides: false });
    } finally {
      planted.remove();
    }
    // As the load balancer on the same machine would send it, and one elsewhere.
    for (const headers of [{ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-port': '443' }, { 'x-forwarded-for': '203.0.113.9' }]) {
      const response = await fetch(`${first.url}/internal/session`, { headers });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([404, null]);
    }
  });

  it('begins each key with the prefix of the fleet', async () => {
    await login(first);
    const keys = (await store.admin('KEYS', '*')) as string[];
    expect(keys.filter((key) => key.startsWith('sess:shop:redisson:tomcat_session:')).length).toBeGreaterThan(0);
    expect(keys.filter((key) => !key.startsWith('sess:shop:redisson:'))).toEqual([]);
  });

  it('passes its readiness check while the store can be written to, and live without it', async () => {
    expect(await (await fetch(`${second.url}/health`)).json()).toMatchObject({ status: 'UP', version: '1.2.0' });
    await store.admin('CLIENT', 'PAUSE', '12000', 'ALL');
    const [health, alive] = await Promise.all([fetch(`${second.url}/health`), fetch(`${second.url}/live`)]);
    expect([health.status, alive.status]).toEqual([500, 200]);
    await vi.waitFor(async () => expect((await fetch(`${second.url}/health`)).status).toBe(200), START);
  });

  it('writes what it writes below HOLDFAST_DATA as the service’s user, and the store’s password for itself alone', async () => {
    const base = join(first.data, 'tomcat');
    const pages = readdirSync(join(base, 'work'), { recursive: true }).filter((name) => String(name).endsWith('count_jsp.class'));
    expect(pages).toHaveLength(1);
    const secret = statSync(join(base, 'conf/redisson.yaml'));
    expect(secret.mode & 0o777).toBe(0o600);
    expect(secret.uid).toBe(AS_SERVICE.length > 0 ? NOBODY : process.getuid?.());
    const written = readFileSync(join(base, 'conf/redisson.yaml'), 'utf8');
    expect(written).toContain(PASSWORD);
    // docs/tomcat-sessions.md shows its first lines.
    const [, shown = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('docs/tomcat-sessions.md', 'utf8')) ?? [];
    const lines = written.split('\n');
    shown
      .trim()
      .split('\n')
      .forEach((line, number) => {
        const [before = '', after = ''] = line.split('…');
        expect([lines[number]?.startsWith(before), lines[number]?.endsWith(after)], `${line}\n${lines[number]?.slice(0, 12)}`).toEqual([
          true,
          true,
        ]);
      });
  });

  it('counts the requests of users and none of the health checks, on a port that only this machine reaches', async () => {
    const before = (await counts(first)).requests;
    const slow = fetch(`${first.url}/slow?ms=2000`);
    await vi.waitFor(async () => expect((await counts(first)).inFlight).toBe(1), START);
    await fetch(`${first.url}/health`);
    expect((await slow).status).toBe(200);
    await vi.waitFor(async () => expect((await counts(first)).inFlight).toBe(0), START);
    expect((await counts(first)).requests).toBe(before + 1);
    expect((await fetch(`${first.url}/status`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${first.statusPort}/manager/jmxproxy?set=x`)).status).toBe(404);
    // Every address of 127.0.0.0/8 is this machine's on Linux; elsewhere nobody has this one.
    await expect(fetch(`http://127.0.0.2:${first.statusPort}/status`)).rejects.toThrow();
  });

  it('writes each session’s route and no id, the same hash on every server', async () => {
    const cookie = cookieIn(await login(first));
    await count(second, cookie);
    await fetch(`${second.url}/count?secret=1`, { headers: { cookie: `SID=${'0'.repeat(32)}.i-gone` } });
    const logOf = (server: Server) => readFileSync(join(server.data, 'tomcat/logs/session-routes.log'), 'utf8');
    // Tomcat writes the log every ten seconds.
    const moved = await vi.waitFor(() => {
      const line = new RegExp(`received=([0-9a-f]{16})\\.i-${first.port} session=\\1\\.i-${first.port}$`, 'm').exec(logOf(second));
      expect(line).not.toBeNull();
      return line?.[1];
    }, START);
    await vi.waitFor(() => expect(logOf(first)).toMatch(new RegExp(`received=- session=${moved}\\.i-${first.port}$`, 'm')), START);
    await vi.waitFor(
      () => expect(logOf(second)).toMatch(/status=401 ms=\d+ path=\/count agent=script from=- received=[0-9a-f]{16}\.i-gone session=-$/m),
      START,
    );
    for (const server of [first, second]) {
      expect(logOf(server) + server.output()).not.toMatch(/[0-9A-F]{32}/);
      expect(logOf(server)).not.toContain('secret');
    }
  });

  it('ends with a sentence when the application does not start, and has not listened', async () => {
    const war = join(folder, 'broken.war');
    const { writeZip } = await import('../zip.ts');
    const listener = '<web-app><listener><listener-class>com.example.Missing</listener-class></listener></web-app>';
    const server = await start(await build('broken', await writeZip(war, { 'WEB-INF/web.xml': listener })));
    expect((await server.exited)[0]).toBe(1);
    expect(server.output()).toContain('com.example.Missing');
    expect(server.output().trimEnd().split('\n').at(-1)).toBe(
      'holdfast: The application did not start in Tomcat (ROOT): its error is in the lines above, at SEVERE. Tomcat was stopped.',
    );
    expect(server.output()).not.toContain('Starting ProtocolHandler');
  });

  it.each<[string, object, RegExp]>([
    [
      'Java is too old',
      { leastJava: 99 },
      /^holdfast: Java 99 or later is needed, and .* is Java \d+: install a later one, or set app\.javaHome\. Tomcat was not started\.$/,
    ],
    [
      'there is no Java',
      { javaHome: '/nowhere' },
      /^holdfast: Java 17 or later is needed, and \/nowhere\/bin\/java is no program: install it .*\. Tomcat was not started\.$/,
    ],
    [
      'there is no Tomcat',
      { home: '/nowhere' },
      /^holdfast: \/nowhere is not Tomcat's home, since it has no bin\/bootstrap\.jar .*\. Tomcat was not started\.$/,
    ],
  ])('says so in one line when %s', async (name, more, line) => {
    const server = await start(await build(name.replaceAll(' ', '-'), join(folder, 'war-1.1.0/app.war'), more));
    expect((await server.exited)[0]).toBe(1);
    expect(server.output().trimEnd()).toMatch(line);
  });

  it('finishes a request in flight when it is stopped, closes idle connections and accepts no new one', async () => {
    // Its connection stays open, as the load balancer's does.
    await live(first);
    const slow = fetch(`${first.url}/slow?ms=2000`);
    await vi.waitFor(async () => expect((await counts(first)).inFlight).toBe(1), START);
    first.kill('SIGTERM');
    await vi.waitFor(async () => expect(await fetch(`${first.url}/live`).catch(() => 'refused')).toBe('refused'), START);
    expect(await (await slow).json()).toMatchObject({ sleptMs: 2000 });
    const answeredMs = performance.now();
    expect((await first.exited)[0]).toBe(143);
    expect(performance.now() - answeredMs).toBeLessThan(15_000);
  });
});
