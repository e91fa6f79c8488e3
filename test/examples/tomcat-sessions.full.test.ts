/** What a deploy learns of the sessions in a Tomcat's memory, from a real one: with a WAR that knows nothing of Holdfast. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { whyNoJava } from '../../setup/java.mjs';
import { type RunningTomcat, releaseOf, startTomcat, writeWar } from './java/tomcat-releases.ts';

const WEB_XML = (config: string) =>
  `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"><session-config>${config}</session-config></web-app>`;
const USER = { 'x-forwarded-for': '198.51.100.7' };
const without = whyNoJava();

describe.skipIf(without !== undefined)(`the status of a Tomcat with sessions in memory${without ? ` (${without})` : ''}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tomcat-sessions-'));
  const running: RunningTomcat[] = [];
  const start = async (name: string, config: string, environment = {}) => {
    const content = {
      'WEB-INF/web.xml': WEB_XML(config),
      'index.jsp': '<%= session.getId() %>',
      'login.jsp': '<% session.invalidate(); %><%= request.getSession(true).getId() %>',
      'logout.jsp': '<%@ page session="false" %><% request.getSession(false).invalidate(); %>',
    };
    const war = await writeWar(path.join(folder, `${name}.war`), content);
    const tomcat = await startTomcat(await releaseOf(war, path.join(folder, name), {}), path.join(folder, `${name}-data`), environment);
    running.push(tomcat);
    return tomcat;
  };
  /** Tomcat notes a request when its response has gone: the next one can come before that. */
  const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 50 });
  const status = async (of: RunningTomcat, query = '') => (await fetch(`${of.statusUrl}/status${query}`)).json();

  let tomcat: RunningTomcat;
  beforeAll(async () => {
    tomcat = await start(
      'shop',
      '<session-timeout>7</session-timeout><cookie-config><name>SHOP</name></cookie-config>',
      // The name of a machine without an instance's id is in no variable: this one stands for it.
      { HOLDFAST_INSTANCE_ID: 'a.long.name.of.a.server.at.the.end.of.a.street.in.a.town.in.the.north.example' },
    );
  }, 120_000);
  afterAll(async () => {
    await Promise.all(running.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('has the cookie, the time-out and the route that its sessions really have', async () => {
    const answer = await fetch(tomcat.url, { headers: USER });
    const cookie = answer.headers.get('set-cookie') ?? '';
    const { route } = (await status(tomcat)) as { route: string };
    expect(cookie).toMatch(/^SHOP=[0-9A-F]{32}\./);
    expect(cookie.split(';')[0]?.split('.')[1]).toBe(route);
    expect(await status(tomcat)).toMatchObject({ cookie: 'SHOP', timeoutSeconds: 420 });
    expect(route).toMatch(/^a-long-name-of-a-server-at-the-end-of-a-street--[0-9a-f]{16}$/);
  });

  it('counts the sessions of users that began before a moment, and neither later ones nor those that the server itself began', async () => {
    const { sessions: earlier } = (await status(tomcat, `?before=${Date.now()}`)) as { sessions: number };
    await fetch(tomcat.url, { headers: USER });
    await sleep(5);
    const moment = Date.now();
    await sleep(5);
    await fetch(tomcat.url, { headers: USER });
    await fetch(tomcat.url);
    await fetch(tomcat.url, { headers: { 'user-agent': 'ELB-HealthChecker/2.0' } });
    // A session of its own, and that of the first page, which it requests.
    await fetch(`${tomcat.statusUrl}/health`);
    await soon(async () => expect(await status(tomcat, `?before=${moment}`)).toMatchObject({ sessions: earlier + 1 }));
    await soon(async () => expect(await status(tomcat, `?before=${Date.now() + 60_000}`)).toMatchObject({ sessions: earlier + 2 }));
    const all = (await status(tomcat)) as { sessions: number };
    expect(all.sessions).toBe(earlier + 5);
  });

  it("counts a session as a user's as soon as a user's request has it", async () => {
    const count = async () => ((await status(tomcat, `?before=${Date.now() + 60_000}`)) as { sessions: number }).sessions;
    const before = await count();
    const cookie = (await fetch(tomcat.url)).headers.get('set-cookie')?.split(';')[0] ?? '';
    await soon(async () => expect(await count()).toBe(before));
    await fetch(tomcat.url, { headers: { ...USER, cookie } });
    await soon(async () => expect(await count()).toBe(before + 1));
  });

  it('counts a session that took the place of an earlier one, as at a login, and none that a visitor begins after a log-out', async () => {
    const visit = async (page: string, named = '') => {
      const answer = await fetch(`${tomcat.url}/${page}`, { headers: { ...USER, cookie: named } });
      return answer.headers.get('set-cookie')?.split(';')[0] ?? named;
    };
    const first = await visit('');
    await sleep(5);
    const moment = Date.now();
    const count = async () => ((await status(tomcat, `?before=${moment}`)) as { sessions: number }).sessions;
    const before = await count();
    await sleep(5);
    const second = await visit('login.jsp', first);
    // A request that brings the second one before Tomcat has noted whose place it took begins a new chain.
    await soon(async () => expect(await count()).toBe(before));
    const third = await visit('login.jsp', second);
    expect(new Set([first, second, third]).size).toBe(3);
    await soon(async () => expect(await count()).toBe(before));
    await visit('', third);
    expect(await count()).toBe(before);
    await visit('logout.jsp', third);
    await visit('', third);
    await soon(async () => expect(await count()).toBe(before - 1));
  });

  it('counts sessions whose id is in URLs alone', async () => {
    const id = (await (await fetch(tomcat.url, { headers: USER })).text()).trim();
    await soon(async () => expect(await status(tomcat)).toMatchObject({ sessionsInUrls: 0 }));
    await fetch(`${tomcat.url}/;SHOP=${id}`, { headers: USER });
    await soon(async () => expect(await status(tomcat)).toMatchObject({ sessionsInUrls: 1 }));
    await fetch(tomcat.url, { headers: { ...USER, cookie: `SHOP=${id}` } });
    await soon(async () => expect(await status(tomcat)).toMatchObject({ sessionsInUrls: 0 }));
  });

  it('says of sessions that never time out that they do not', async () => {
    const endless = await start('endless', '<session-timeout>-1</session-timeout>');
    expect(await status(endless)).toMatchObject({ timeoutSeconds: -1, cookie: 'JSESSIONID' });
  }, 120_000);
});
