/** A cluster of real Tomcats: what each says of the copies of its sessions, when they arrive and when they do not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../lab/processes/free-port.ts';
import { whyNoJava } from '../../setup/java.mjs';
import { basketClass } from '../e2e/tomcat-cluster/basket.ts';
import { forgedPacket, sendRaw } from './java/forged-packet.ts';
import { type RunningTomcat, releaseOf, startTomcat, writeWar } from './java/tomcat-releases.ts';

const WEB_XML = '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"><distributable/></web-app>';
/**
 * Keeps what the request brings in a table, whose capacity differs between an original and its copy, and answers what it has; and in tables
 * whose order differs between two processes.
 */
const PAGE = `<%
session.setAttribute("units", new java.util.HashSet<>(java.util.Arrays.asList(java.util.concurrent.TimeUnit.values())));
session.setAttribute("days", java.util.Set.of(java.time.DayOfWeek.values()));
if (request.getParameter("seconds") != null) session.setMaxInactiveInterval(Integer.parseInt(request.getParameter("seconds")));
java.util.HashMap<String, String> basket = (java.util.HashMap<String, String>) session.getAttribute("basket");
if (basket == null) basket = new java.util.HashMap<>(256);
if (request.getParameter("add") != null) basket.put(request.getParameter("add"), "1");
session.setAttribute("basket", basket);
%><%= new java.util.TreeSet<String>(basket.keySet()) %>`;
/** Puts an object of a class into the session that a later release has changed. */
const BASKET = '<% session.setAttribute("shop", new shop.Basket()); %>';
/** Changes the session at once, and answers some seconds later. */
const SLOW = '<% session.setAttribute("slow", "yes"); Thread.sleep(6000); %>done';
/** What a session that cannot be copied has in it. */
const OPEN = '<% session.setAttribute("open", new Object[] {new Thread()}); %>';
/** Begins many sessions at once, as a crowd of visitors who never come back. */
const CROWD = `<%
java.lang.reflect.Field field = org.apache.catalina.connector.RequestFacade.class.getDeclaredField("request");
field.setAccessible(true);
org.apache.catalina.Manager manager = ((org.apache.catalina.connector.Request) field.get(request)).getContext().getManager();
int before = manager.findSessions().length;
for (int count = 0; count < 1500; count++) manager.createSession(null);
%><%= manager.findSessions().length - before %>`;
const SECRET = 'a secret of the fleet';
const WAIT = { timeout: 90_000, interval: 300 };
const without = whyNoJava();

describe.skipIf(without !== undefined)(`a cluster of Tomcats${without ? ` (${without})` : ''}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tomcat-cluster-'));
  const running = new Set<RunningTomcat>();
  const nodes: { nodeId: string; ip: string; port: number; clusterPort: number }[] = [];
  let release: string;
  /** With a class in the session that cannot be read as the previous release wrote it. */
  let changed: string;

  const start = async (index: number, more: Readonly<Record<string, string>> = {}, of = release) => {
    const environment = { HOLDFAST_CLUSTER_SECRET: SECRET, HOLDFAST_NODE_ADDRESS: `10.0.0.${index}`, HOLDFAST_INSTANCE_ID: `i-${index}` };
    const tomcat = await startTomcat(of, path.join(folder, `data-${index}`), { ...environment, ...more });
    running.add(tomcat);
    return tomcat;
  };
  const end = async (tomcat: RunningTomcat, how: 'kill' | 'stop' = 'kill') => {
    running.delete(tomcat);
    await tomcat[how]();
  };
  const shop = async (tomcat: RunningTomcat, add: string, cookie = '', page = '') => {
    const response = await fetch(`${tomcat.url}/${page}?add=${add}`, { headers: { cookie, 'x-forwarded-for': '198.51.100.7' } });
    return { basket: (await response.text()).trim(), cookie: response.headers.get('set-cookie')?.split(';')[0] ?? cookie };
  };
  const copies = async (tomcat: RunningTomcat) =>
    (await (await fetch(`${tomcat.statusUrl}/status?copies`)).json()) as { sessionsAlone: number; members: number; reason: string };
  const health = async (tomcat: RunningTomcat) => (await fetch(`${tomcat.statusUrl}/health`)).json();

  beforeAll(async () => {
    for (const index of [1, 2, 3]) nodes.push({ nodeId: `mi-${index}`, ip: `10.0.0.${index}`, port: 8080, clusterPort: await freePort() });
    const pages = { 'index.jsp': PAGE, 'crowd.jsp': CROWD, 'basket.jsp': BASKET, 'slow.jsp': SLOW, 'open.jsp': OPEN };
    const build = async (name: string, isChanged: boolean) => {
      const content = { 'WEB-INF/web.xml': WEB_XML, ...pages, ...basketClass(folder, isChanged) };
      const war = await writeWar(path.join(folder, `${name}.war`), content);
      return releaseOf(war, path.join(folder, name), { strategy: 'tomcat-cluster', existing: { nodes } });
    };
    [release, changed] = [await build('release', false), await build('changed', true)];
  }, 60_000);
  afterAll(async () => {
    await Promise.all([...running].map((tomcat) => tomcat.kill()));
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('says that a session is alone until another member has it, names the members that are not reached, and keeps it over a stop', async () => {
    const one = await start(1);
    const { cookie } = await shop(one, 'tea');
    expect(await copies(one)).toEqual(expect.objectContaining({ sessionsAlone: 1, members: 0 }));
    const { reason } = await copies(one);
    expect(reason).toContain(`127.0.0.1:${nodes[1]?.clusterPort} is not reached`);

    const two = await start(2);
    await vi.waitFor(async () => expect(await copies(one)).toMatchObject({ sessionsAlone: 0, members: 1 }), WAIT);
    await vi.waitFor(async () => expect(await health(two)).toMatchObject({ status: 'UP', components: { copies: { status: 'UP' } } }), WAIT);
    for (const what of ['milk', 'bread', 'salt']) await shop(one, what, cookie);
    expect(await copies(one)).toMatchObject({ sessionsAlone: 0, reason: '' });

    await end(one, 'stop');
    expect(await shop(two, 'jam', cookie)).toMatchObject({ basket: '[bread, jam, milk, salt, tea]' });
    expect(two.output()).not.toContain(SECRET);
  }, 180_000);

  it('does not take a member with another key for one that has copies, and fails the readiness check of that member', async () => {
    const [two] = [...running] as [RunningTomcat];
    const three = await start(3, { HOLDFAST_CLUSTER_SECRET: 'another secret' });
    await vi.waitFor(async () => {
      const found = await copies(two);
      expect(found.sessionsAlone).toBeGreaterThan(0);
      expect(found.reason).toMatch(new RegExp(`127.0.0.1:${nodes[2]?.clusterPort} sends messages that this server cannot read`));
    }, WAIT);
    await vi.waitFor(
      async () => expect(await health(three)).toMatchObject({ status: 'DOWN', components: { copies: { status: 'DOWN' } } }),
      WAIT,
    );

    // Its messages come on: they decide nothing for members that have each other's sessions.
    const one = await start(1);
    await vi.waitFor(async () => expect(await health(one)).toMatchObject({ status: 'UP', components: { copies: { status: 'UP' } } }), WAIT);
    await vi.waitFor(async () => expect(await copies(two)).toEqual(expect.objectContaining({ sessionsAlone: 0, members: 1 })), WAIT);
    await end(three);
  }, 240_000);

  it('compares more sessions than fit into one question, before a stop and after a start', async () => {
    const [two, one] = [...running] as [RunningTomcat, RunningTomcat];
    expect((await (await fetch(`${two.url}/crowd.jsp`)).text()).trim()).toBe('1500');
    await vi.waitFor(async () => expect(await copies(two)).toMatchObject({ sessionsAlone: 0, members: 1 }), WAIT);
    await end(one, 'stop');
    await vi.waitFor(async () => expect((await copies(two)).sessionsAlone).toBeGreaterThanOrEqual(1500), WAIT);
    const again = await start(1);
    await vi.waitFor(async () => expect(await health(again)).toMatchObject({ components: { copies: { status: 'UP' } } }), WAIT);
    expect(((await (await fetch(`${again.statusUrl}/status`)).json()) as { sessions: number }).sessions).toBeGreaterThanOrEqual(1500);
    await end(again);
  }, 240_000);

  it('notices that the only other member was killed', async () => {
    const [two] = [...running] as [RunningTomcat];
    const one = await start(1);
    await vi.waitFor(async () => expect(await copies(two)).toMatchObject({ sessionsAlone: 0 }), WAIT);
    await end(one);
    await vi.waitFor(async () => expect((await copies(two)).sessionsAlone).toBeGreaterThan(0), WAIT);
    expect((await copies(two)).reason).toContain(`127.0.0.1:${nodes[0]?.clusterPort}`);
  }, 180_000);

  it('drops what somebody without the key sends in the name of a member: nothing of it is read, and it decides nothing', async () => {
    const [two] = [...running] as [RunningTomcat];
    const one = await start(1);
    await vi.waitFor(async () => expect(await copies(two)).toMatchObject({ sessionsAlone: 0, members: 1 }), WAIT);
    const { cookie, basket } = await shop(one, 'tea');
    const [{ clusterPort: own = 0 }, { clusterPort: others = 0 }] = nodes as [(typeof nodes)[number], (typeof nodes)[number]];
    // What Java's serialisation of an object begins with, as it is and behind a wrong key's first block.
    const object = Buffer.concat([Buffer.from([0xac, 0xed, 0, 5]), Buffer.alloc(60, 0x73)]);
    for (const packet of [forgedPacket(others, 2, object), forgedPacket(others, 2, Buffer.alloc(96, 7)), Buffer.alloc(4_096, 1)])
      await sendRaw(own, packet);
    await vi.waitFor(() => expect(one.output()).toMatch(/decrypt/i), WAIT);
    expect(one.output()).not.toMatch(/StreamCorruptedException|ClassNotFoundException|InvalidClassException/);
    expect(await copies(one)).toEqual(expect.objectContaining({ sessionsAlone: 0, members: 1, reason: '' }));
    expect([basket, (await shop(two, 'salt', cookie)).basket]).toEqual(['[tea]', '[salt, tea]']);
  }, 180_000);

  it('counts a copy as one for as long as Tomcat takes it for a session, also where a restart of the other member has made it young again', async () => {
    const [two, one] = [...running] as [RunningTomcat, RunningTomcat];
    const begun = Date.now();
    const { cookie } = await shop(one, 'tea&seconds=30');
    await vi.waitFor(async () => expect(await copies(one)).toMatchObject({ sessionsAlone: 0, members: 1 }), WAIT);
    await end(one, 'stop');
    const again = await start(1);
    await vi.waitFor(async () => expect(await health(again)).toMatchObject({ components: { copies: { status: 'UP' } } }), WAIT);
    // Its user has gone: past the session's time-out at the one, which had it all the time, and not yet where it came anew.
    while (Date.now() - begun < 34_000) {
      expect(await copies(again)).toMatchObject({ sessionsAlone: 0, reason: '' });
      await sleep(1_000);
    }
    expect((await shop(two, 'salt', cookie)).basket).toBe('[salt, tea]');
  }, 180_000);

  it('waits for the end of a request that has changed its session, and passes the readiness check of another member meanwhile', async () => {
    const [two, one] = [...running] as [RunningTomcat, RunningTomcat];
    const { cookie } = await shop(two, 'tea');
    const slow = shop(two, '', cookie, 'slow.jsp');
    await sleep(1_500);
    expect(await health(one)).toMatchObject({ status: 'UP' });
    await vi.waitFor(async () => expect(await copies(two)).toMatchObject({ sessionsAlone: 0, reason: '' }), WAIT);
    expect(await slow).toMatchObject({ basket: 'done' });
  }, 180_000);

  it('sends a session again to a member that was silent while it began, and lacks it', async () => {
    const [two, one] = [...running] as [RunningTomcat, RunningTomcat];
    one.signal('SIGSTOP');
    const { cookie } = await shop(two, 'tea');
    // Longer than a member is waited for.
    await sleep(12_000);
    await shop(two, 'milk', cookie);
    one.signal('SIGCONT');
    await vi.waitFor(async () => expect(await copies(two)).toMatchObject({ sessionsAlone: 0, members: 1, reason: '' }), WAIT);
    expect(two.output()).toMatch(/127\.0\.0\.1:\d+ lacked \d+ sessions, which were sent to it again/);
    expect((await shop(one, 'salt', cookie)).basket).toBe('[milk, salt, tea]');
  }, 180_000);

  it('fails the readiness check of a release that cannot read what its own server had in use, although no other session is in use', async () => {
    const [two, one] = [...running] as [RunningTomcat, RunningTomcat];
    await end(two, 'stop');
    await end(one, 'stop');
    const other = await start(2);
    const own = await start(1);
    await shop(own, '', '', 'basket.jsp');
    await vi.waitFor(async () => expect(await copies(own)).toMatchObject({ sessionsAlone: 0, members: 1 }), WAIT);
    await end(own, 'stop');
    const next = await start(1, {}, changed);
    // The first answers can be that the comparison is not done.
    await vi.waitFor(async () => {
      expect(await health(next)).toMatchObject({ components: { copies: { status: 'DOWN' } } });
      expect(next.output()).toMatch(
        /The readiness check fails \(copies\).* has others than this server: \d+ sessions.*InvalidClassException: shop\.Basket/,
      );
    }, WAIT);
    await end(next, 'stop');
    const back = await start(1);
    await vi.waitFor(async () => expect(await health(back)).toMatchObject({ components: { copies: { status: 'UP' } } }), WAIT);
    expect(other.output()).not.toContain('Exception in thread');
  }, 240_000);

  it('names the class that keeps a session from being copied', async () => {
    const [, one] = [...running] as [RunningTomcat, RunningTomcat];
    await shop(one, '', '', 'open.jsp');
    await vi.waitFor(async () => {
      const { sessionsAlone, reason } = await copies(one);
      expect(sessionsAlone).toBe(1);
      expect(reason).toContain('some cannot be written here (NotSerializableException: java.lang.Thread)');
    }, WAIT);
  }, 120_000);
});
