/** Two real Tomcats in a cluster, configured as docs/tomcat-cluster.md has it: how a deploy counts their sessions, and what is left of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildTomcatRelease } from '../../cli/releases/tomcat/build-release.ts';
import { tomcatApp as appSchema } from '../../infra/config/app-kind.ts';
import { freeRow, withCluster } from '../../lab/demo/app/cluster-release.ts';
import { ensureMavenOutput, whyNoJava } from '../../setup/java.mjs';
import { type RunningTomcat, startTomcat, writeWar } from './java/tomcat-releases.ts';

const WEB_XML = '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"><distributable/></web-app>';
/** Keeps what the request brings, and answers all that it has. */
const PAGE = `<%
java.util.TreeSet<String> basket = (java.util.TreeSet<String>) session.getAttribute("basket");
if (basket == null) basket = new java.util.TreeSet<>();
if (request.getParameter("add") != null) basket.add(request.getParameter("add"));
session.setAttribute("basket", basket);
%><%= basket %>`;
const CONTENT = {
  'WEB-INF/web.xml': WEB_XML,
  'index.jsp': PAGE,
  'login.jsp': '<% session.invalidate(); request.getSession(true); %>',
  'logout.jsp': '<%@ page session="false" %><% request.getSession(false).invalidate(); %>',
};
const KEY = '0123456789abcdef'.repeat(4);
const ENVIRONMENT_PROPERTIES =
  '-Dorg.apache.tomcat.util.digester.PROPERTY_SOURCE=org.apache.tomcat.util.digester.EnvironmentPropertySource';
const SOON = { timeout: 60_000, interval: 100 };
const without = whyNoJava();

describe.skipIf(without !== undefined)(`a cluster of two Tomcats${without ? ` (${without})` : ''}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tomcat-cluster-'));
  const release = path.join(folder, 'release');
  const running = new Set<RunningTomcat>();
  let one: RunningTomcat;
  let two: RunningTomcat;

  const start = async (index: number) => {
    const environment = { CLUSTER_KEY: KEY, HOLDFAST_INSTANCE_ID: `i-${index}` };
    const tomcat = await startTomcat(release, path.join(folder, `data-${index}`), environment);
    running.add(tomcat);
    return tomcat;
  };
  const stop = async (tomcat: RunningTomcat) => {
    running.delete(tomcat);
    await tomcat.stop();
  };
  /** A user's request. */
  const visit = async (tomcat: RunningTomcat, page = '', cookie = '') => {
    const response = await fetch(`${tomcat.url}/${page}`, { headers: { cookie, 'x-forwarded-for': '198.51.100.7' } });
    return { basket: (await response.text()).trim(), cookie: response.headers.get('set-cookie')?.split(';')[0] ?? cookie };
  };
  /** What a deploy waits for: a server's own sessions that began before a moment. */
  const count = async (tomcat: RunningTomcat, before = Date.now() + 60_000) =>
    ((await (await fetch(`${tomcat.statusUrl}/status?before=${before}`)).json()) as { sessions: number }).sessions;
  const health = async (tomcat: RunningTomcat) => (await fetch(`${tomcat.statusUrl}/health`)).json();
  const soon = (check: () => Promise<void>) => vi.waitFor(check, SOON);

  beforeAll(async () => {
    const war = await writeWar(path.join(folder, 'shop.war'), CONTENT);
    const home = path.join(await ensureMavenOutput('tomcat-app'), 'tomcat');
    const javaOptions = ['-XX:TieredStopAtLevel=1', '-Xmx192m', ENVIRONMENT_PROPERTIES];
    const fleet = { app: appSchema.parse({ kind: 'tomcat', home, javaOptions }), port: 8080, strategy: 'tomcat-cluster' } as const;
    const cluster = { firstPort: await freeRow(2), servers: 2, key: '$' + '{CLUSTER_KEY}' };
    await buildTomcatRelease({ ...(await withCluster({ war, fleet }, cluster, path.join(folder, 'cluster'))), folder: release });
    [one, two] = [await start(1), await start(2)];
    // Members find each other within seconds.
    await soon(async () => {
      const { cookie } = await visit(one, '?add=tea');
      const { basket } = await visit(two, '', cookie);
      await visit(one, 'logout.jsp', cookie);
      expect(basket).toBe('[tea]');
    });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...running].map((tomcat) => tomcat.kill()));
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('counts a session on the server that answers its user, and on no other', async () => {
    const [before, beforeTwo] = [await count(one), await count(two)];
    const { cookie } = await visit(one, '?add=tea');
    await soon(async () => expect([await count(one), await count(two)]).toEqual([before + 1, beforeTwo]));
    expect((await visit(two, '?add=milk', cookie)).basket).toBe('[milk, tea]');
    await soon(async () => expect([await count(one), await count(two)]).toEqual([before, beforeTwo + 1]));
    expect(await health(one)).toMatchObject({ status: 'UP' });
  }, 120_000);

  it('has one server’s drain end while the other one serves: the copies of its sessions are not waited for', async () => {
    const stays = await visit(two, '?add=salt');
    const leaves = await visit(one, '?add=tea');
    await sleep(5);
    const moment = Date.now();
    await soon(async () => expect(await count(one, moment)).toBe(1));
    await visit(one, 'logout.jsp', leaves.cookie);
    await soon(async () => expect(await count(one, moment)).toBe(0));
    expect(await count(two, moment)).toBeGreaterThan(0);
    expect((await visit(two, '', stays.cookie)).basket).toBe('[salt]');
    expect(await count(one, moment)).toBe(0);
  }, 120_000);

  it('counts a session that took the place of an earlier one, as at a login, and none that the server itself began', async () => {
    const first = await visit(one);
    await sleep(5);
    const moment = Date.now();
    await soon(async () => expect(await count(one, moment)).toBe(1));
    await sleep(5);
    const { cookie } = await visit(one, 'login.jsp', first.cookie);
    expect(cookie).not.toBe(first.cookie);
    await fetch(one.url);
    await soon(async () => expect([await count(one, moment), await count(one)]).toEqual([1, 1]));
    await visit(one, 'logout.jsp', cookie);
    await soon(async () => expect(await count(one)).toBe(0));
  }, 120_000);

  it('has a stopped server’s sessions on the other one, and again on a server that starts', async () => {
    const { cookie } = await visit(one, '?add=tea');
    await stop(one);
    expect((await visit(two, '?add=milk', cookie)).basket).toBe('[milk, tea]');
    one = await start(1);
    await soon(async () => expect(await health(one)).toMatchObject({ status: 'UP' }));
    await stop(two);
    expect((await visit(one, '?add=jam', cookie)).basket).toBe('[jam, milk, tea]');
    expect(one.output()).not.toContain(KEY);
  }, 180_000);
});
