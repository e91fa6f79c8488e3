/** What becomes of a session's attributes when they are kept in the store instead of Tomcat's memory: docs/tomcat-to-redis.md. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../cli/releases/read-contract.ts';
import { buildTomcatRelease } from '../../cli/releases/tomcat/build-release.ts';
import { tomcatApp as appSchema } from '../../infra/config/app-kind.ts';
import { freePort } from '../../lab/processes/free-port.ts';
import { ensureJava, ensureMavenOutput, whyNoJava } from '../../setup/java.mjs';
import { FULL } from '../e2e/full-run.ts';
import { writeZip } from '../zip.ts';
import { type Process, startStore } from './processes.ts';

const SOURCES = path.join(import.meta.dirname, 'session-attributes');
const START = { timeout: 60_000, interval: 200 };
const noJava = whyNoJava();

describe.skipIf(!FULL || noJava !== undefined)(`attributes of a session${noJava ? ` (${noJava})` : ''}`, { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'session-attributes-'));
  const ends: (() => Promise<unknown>)[] = [];
  let store: Process;
  let tomcat: { home: string; libraries: string };

  /** @param next the release after it, whose classes have one field more */
  async function war(name: string, { next = false, distributable = false } = {}): Promise<string> {
    const web = path.join(folder, name);
    const classes = path.join(web, 'WEB-INF', 'classes');
    mkdirSync(classes, { recursive: true });
    for (const page of ['set.jsp', 'get.jsp', 'names.jsp']) cpSync(path.join(SOURCES, page), path.join(web, page));
    const sources = path.join(folder, `${name}-sources`);
    cpSync(path.join(SOURCES, 'shop'), sources, { recursive: true });
    const files = readdirSync(sources).map((file) => path.join(sources, file));
    for (const file of next ? files : [])
      writeFileSync(file, readFileSync(file, 'utf8').replace('/* @NEXT@ */', 'private final int next = 2;'));
    execFileSync(path.join(ensureJava().home, 'bin', 'javac'), ['--release', '17', '-d', classes, ...files]);
    writeFileSync(
      path.join(web, 'WEB-INF', 'web.xml'),
      `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">${distributable ? '<distributable/>' : ''}</web-app>`,
    );
    const entries = readdirSync(web, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const content = entries.map((entry) => path.join(entry.parentPath, entry.name));
    return writeZip(`${web}.war`, Object.fromEntries(content.map((file) => [path.relative(web, file), readFileSync(file)])));
  }

  /** A release of a WAR, serving. */
  async function serve(warFile: string, strategy: 'redis' | 'sticky', more: object = {}): Promise<string> {
    const app = appSchema.parse({
      kind: 'tomcat',
      ...tomcat,
      health: { loadBalancer: '/get.jsp', ready: '/get.jsp' },
      javaOptions: ['-XX:TieredStopAtLevel=1', '-Xmx128m'],
      ...more,
    });
    const release = await buildTomcatRelease({ war: warFile, fleet: { app, port: 8080, strategy }, folder: `${warFile}-release` });
    const [port, statusPort] = [await freePort(), await freePort()];
    const data = `${warFile}-data`;
    mkdirSync(data);
    const [program = '', ...args] = (await readContract(release)).start;
    const server = spawn(program, args, {
      cwd: release,
      env: {
        PATH: process.env['PATH'] ?? '',
        JAVA_HOME: ensureJava().home,
        PORT: `${port}`,
        STATUS_PORT: `${statusPort}`,
        HOST: '127.0.0.1',
        HOLDFAST_DATA: data,
        SESSION_STORE_HOST: '127.0.0.1',
        SESSION_STORE_PORT: `${store.port}`,
        SESSION_STORE_KEY_PREFIX: 'sess:shop:',
      },
      stdio: 'ignore',
    });
    const exited = once(server, 'exit');
    ends.push(() => {
      server.kill('SIGKILL');
      return exited;
    });
    const url = `http://127.0.0.1:${port}`;
    await vi.waitFor(async () => expect((await fetch(`${url}/get.jsp`)).status).toBe(200), START);
    return url;
  }

  /** Sets an attribute in a new session. */
  async function set(url: string, kind: string) {
    const response = await fetch(`${url}/set.jsp?kind=${kind}`);
    return { answer: (await response.text()).trim(), cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  }
  const ask = async (url: string, page: string, { cookie }: { cookie: string }) =>
    (await (await fetch(`${url}/${page}`, { headers: { cookie } })).text()).trim();
  const get = (url: string, session: { cookie: string }) => ask(url, 'get.jsp', session);

  let first: string;
  let next: string;
  let memory: string;
  let atTheEnd: string;
  beforeAll(async () => {
    const output = await ensureMavenOutput('tomcat-app');
    tomcat = { home: path.join(output, 'tomcat'), libraries: path.join(output, 'libraries') };
    store = await startStore();
    [first, next, memory, atTheEnd] = (await Promise.all([
      serve(await war('first'), 'redis'),
      serve(await war('next', { next: true }), 'redis'),
      serve(await war('memory', { distributable: true }), 'sticky'),
      serve(await war('at-the-end'), 'redis', { sessionUpdates: 'afterRequest' }),
    ])) as [string, string, string, string];
  });
  afterAll(async () => {
    await Promise.all(ends.map((end) => end()));
    await store?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['text', 'a text'],
    ['date', '2026-01-02'],
    ['map', '{a=1}'],
  ])('of Java’s own classes are kept: %s', async (kind, value) => {
    const session = await set(first, kind);
    expect([session.answer, await get(first, session), await get(next, session)]).toEqual(['set', value, value]);
  });

  it.each([
    ['plain', 'shop.Plain'],
    ['nested', 'shop.Plain'],
    ['thread', 'java.lang.Thread'],
    ['lambda', ''],
  ])('that cannot be kept fail when they are set, with the class in the error: %s', async (kind, name) => {
    const session = await set(first, kind);
    expect(session.answer).toMatch(/^java[.]io[.]NotSerializableException: /);
    expect(session.answer).toContain(name);
    expect(await get(first, session)).toBe('null');
  });

  it('lose a change that no setAttribute follows, which Tomcat’s memory keeps, and sessionUpdates: afterRequest', async () => {
    expect(await get(first, await set(first, 'list'))).toBe('[]');
    expect(await get(memory, await set(memory, 'list'))).toBe('[added later]');
    const session = await set(atTheEnd, 'list');
    expect([await get(atTheEnd, session), await get(next, session)]).toEqual(['[added later]', '[added later]']);
  });

  it('lose their transient fields', async () => {
    expect(await get(first, await set(first, 'versioned'))).toBe('first without cache');
    expect(await get(memory, await set(memory, 'versioned'))).toBe('first with cache');
  });

  it('of a class with a serialVersionUID are read by a release that adds a field, and back', async () => {
    expect(await get(next, await set(first, 'versioned'))).toBe('first without cache');
    expect(await get(first, await set(next, 'versioned'))).toBe('first without cache');
  });

  it('of a class without one are refused by it', async () => {
    expect(await get(next, await set(first, 'unversioned'))).toMatch(/^java[.]io[.]InvalidClassException: shop[.]Unversioned/);
  });

  it('have Redisson’s own fields among their names, as docs/tomcat-sessions.md lists them', async () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/tomcat-sessions.md'), 'utf8');
    const [, listed = ''] = /among an application's attribute names: ([^.]+)\./.exec(page.replace(/\s+/g, ' ')) ?? [];
    const fields = [...listed.matchAll(/`(session:\w+)`/g)].map(([, field]) => field);
    expect(await ask(first, 'names.jsp', await set(first, 'text'))).toBe(`[${[...fields, 'value'].sort().join(', ')}]`);
    expect(await ask(memory, 'names.jsp', await set(memory, 'text'))).toBe('[value]');
  });

  it('are checked by Tomcat in memory with <distributable/>, but not what they hold', async () => {
    expect((await set(memory, 'plain')).answer).toBe(
      'java.lang.IllegalArgumentException: setAttribute: Non-serializable attribute [value]',
    );
    expect((await set(memory, 'nested')).answer).toBe('set');
  });
});
