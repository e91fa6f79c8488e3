/** What `afterRequest` does at the edges of requests and sessions, on each Tomcat that has a Redisson of its own. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureMavenOutput, whyNoJava } from '../../setup/java.mjs';
import { Browser, type CartServers, cartServers, exampleTomcat } from './java/cart-servers.ts';
import type { RunningTomcat } from './java/tomcat-releases.ts';

const noJava = whyNoJava();
const ADD = { do: 'add', name: 'cart' } as const;
const SHOW = { do: 'show' } as const;

/** An asynchronous page, an error page that changes the session, and a page that includes and forwards to another. */
const CONTENT = {
  'WEB-INF/web.xml': `<web-app xmlns="NAMESPACE" version="VERSION">
    <servlet><servlet-name>later</servlet-name><jsp-file>/later.jsp</jsp-file><async-supported>true</async-supported></servlet>
    <servlet-mapping><servlet-name>later</servlet-name><url-pattern>/later</url-pattern></servlet-mapping>
    <error-page><error-code>404</error-code><location>/missing.jsp</location></error-page>
  </web-app>`,
  'later.jsp': `<%@ page session="false" import="java.util.*" %><%
    final List<Object> list = (List<Object>) request.getSession(false).getAttribute("cart");
    final AsyncContext context = request.startAsync();
    new Thread(() -> {
      try { Thread.sleep(500); } catch (InterruptedException error) { }
      list.add("later");
      context.complete();
    }).start();
  %>`,
  'missing.jsp': `<%@ page session="false" isErrorPage="true" import="java.util.*" %><%
    if (request.getSession(false) != null) ((List<Object>) request.getSession(false).getAttribute("cart")).add("missed");
  %>missing`,
  'vector.jsp': `<%@ page session="false" import="java.util.*" %><%
    HttpSession session = request.getSession(true);
    if (request.getParameter("begin") != null) {
      session.setAttribute("basket", new Vector<Object>());
    } else {
      Vector<Object> basket = (Vector<Object>) session.getAttribute("basket");
      if (request.getParameter("hold") != null)
        synchronized (basket) {
          Thread.sleep(800);
          session.getAttribute("user");
          session.getAttribute("other");
          basket.add("held");
        }
      if (request.getParameter("quiet") == null) out.print(basket);
    }
  %>`,
  'flushed.jsp': `<%@ page session="false" import="java.util.*" %><%
    List<Object> cart = new ArrayList<>();
    HttpSession session = request.getSession(true);
    session.setAttribute("cart", cart);
    session.setAttribute("wishes", new ArrayList<Object>());
    out.print("begun");
    out.flush();
    response.flushBuffer();
    Thread.sleep(800);
    cart.add("late");
  %>`,
  'half.jsp': `<%@ page session="false" import="java.util.*" %><%
    List<Object> cart = (List<Object>) request.getSession(false).getAttribute("cart");
    cart.add("half");
    Thread.sleep(1000);
    cart.set(0, "whole");
  %>`,
  'parts.jsp': `<%@ page session="false" %><jsp:include page="/cart.jsp"><jsp:param name="do" value="add"/><jsp:param name="name" value="cart"/><jsp:param name="item" value="included"/></jsp:include><jsp:forward page="/cart.jsp"><jsp:param name="do" value="add"/><jsp:param name="name" value="wishes"/><jsp:param name="item" value="forwarded"/></jsp:forward>`,
};

const content = (javax: boolean): Record<string, string> => ({
  ...CONTENT,
  'WEB-INF/web.xml': CONTENT['WEB-INF/web.xml']
    .replace('NAMESPACE', javax ? 'http://xmlns.jcp.org/xml/ns/javaee' : 'https://jakarta.ee/xml/ns/jakartaee')
    .replace('VERSION', javax ? '4.0' : '6.0'),
});

async function tomcat9(): Promise<{ readonly archive: string; readonly libraries: string }> {
  const output = await ensureMavenOutput('foreign-wars', { parent: 'test/e2e' });
  return { archive: path.join(output, 'tomcat.tar.gz'), libraries: path.join(output, 'libraries') };
}

describe.skipIf(noJava !== undefined).each([
  ['9', tomcat9],
  ['10.1', exampleTomcat],
] as const)(`sessionUpdates: afterRequest on Tomcat %s${noJava ? ` (${noJava})` : ''}`, (version, tomcatOf) => {
  let servers: CartServers;
  let first: RunningTomcat;
  let second: RunningTomcat;
  beforeAll(async () => {
    servers = await cartServers(await tomcatOf(), content(version === '9'));
    [first, second] = await Promise.all([servers.start(), servers.start()]);
  }, 300_000);
  afterAll(() => servers?.stop());

  const begin = async () => {
    const user = new Browser();
    await user.ask(first, { do: 'begin' });
    return user;
  };

  it('is what a server without it shows to be missing, by names of the program alone', async () => {
    const plain = await servers.start({ sessionUpdates: 'atOnce' });
    const user = new Browser();
    await user.ask(plain, { do: 'begin' });
    await user.ask(plain, { ...ADD, item: 'apples' });
    expect(await user.ask(plain, SHOW)).toBe('cart=[] wishes=[]');
    expect(await unwrittenOf(plain)).toEqual({
      requests: 1,
      of: 3,
      failed: 0,
      attributes: ['cart (java.util.ArrayList)'],
      unserializable: [],
    });
    // The servers with it compare their requests, too.
    await user.ask(first, { ...ADD, item: 'pears' });
    expect(await unwrittenOf(first)).toMatchObject({ requests: 0, attributes: [] });
    expect((await unwrittenOf(first)).of).toBeGreaterThan(0);
    await plain.kill();
  }, 150_000);

  it('writes what a request adds, wherever the next one goes', async () => {
    const user = await begin();
    await user.ask(second, { ...ADD, item: 'apples' });
    await user.ask(first, { ...ADD, item: 'pears' });
    expect(await user.ask(second, SHOW)).toBe('cart=[apples, pears] wishes=[]');
  });

  it('writes what included and forwarded pages change', async () => {
    const user = await begin();
    await user.ask(second, {}, 'parts.jsp');
    expect(await user.ask(first, SHOW)).toBe('cart=[included] wishes=[forwarded]');
  });

  it('writes what an error page changes', async () => {
    const user = await begin();
    expect(await user.ask(second, {}, 'not-there')).toBe('404 missing');
    // Tomcat ends the answer with the page's last byte, before it comes back to the valve.
    await vi.waitFor(async () => expect(await user.ask(first, SHOW)).toBe('cart=[missed] wishes=[]'), { timeout: 5_000, interval: 50 });
    // What the page had read is not what the server's next request gets.
    await user.ask(first, { ...ADD, item: 'apples' });
    expect(await user.ask(second, SHOW)).toBe('cart=[missed, apples] wishes=[]');
  });

  it('writes what an asynchronous request changes until it completes', async () => {
    const user = await begin();
    await user.ask(second, {}, 'later');
    await vi.waitFor(async () => expect(await user.ask(first, SHOW)).toBe('cart=[later] wishes=[]'), { timeout: 5_000, interval: 50 });
  });

  it('waits for no lock of the application that a request holds which reads another attribute', async () => {
    const user = new Browser();
    await user.ask(first, { begin: '1' }, 'vector.jsp');
    const holding = user.ask(first, { hold: '1' }, 'vector.jsp');
    await new Promise((resolve) => setTimeout(resolve, 300));
    // Ends while the other holds the vector, which serializing it waits for.
    const ending = user.ask(first, { quiet: '1' }, 'vector.jsp');
    const both = Promise.race([Promise.all([holding, ending]), new Promise((resolve) => setTimeout(() => resolve('stuck'), 10_000))]);
    expect(await both).not.toBe('stuck');
    expect(await user.ask(second, {}, 'vector.jsp')).toBe('[held]');
  });

  it('keeps what a request adds that has begun the session, when another comes before its end', async () => {
    const user = new Browser();
    const answer = await fetch(`${first.url}/flushed.jsp`);
    user.cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await user.ask(first, SHOW)).toBe('cart=[] wishes=[]');
    await answer.text();
    await vi.waitFor(async () => expect(await user.ask(second, SHOW)).toBe('cart=[late] wishes=[]'), { timeout: 5_000, interval: 50 });
  });

  it('writes nothing at the end of a request that has not read what another one is changing', async () => {
    const user = await begin();
    const changing = user.ask(first, {}, 'half.jsp');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await user.ask(first, {}, 'index.html')).toBe('shop');
    expect(await user.ask(second, SHOW)).toBe('cart=[] wishes=[]');
    await changing;
    expect(await user.ask(second, SHOW)).toBe('cart=[whole] wishes=[]');
  });

  it('writes under the new id of a session whose id changes', async () => {
    const user = await begin();
    const before = user.cookie;
    await user.ask(second, { do: 'rename', name: 'cart', item: 'apples' });
    expect(user.cookie).not.toBe(before);
    expect(await user.ask(first, SHOW)).toBe('cart=[apples] wishes=[]');
  });

  it('leaves a session ended that the request ends, and begins none for a request without one', async () => {
    const user = await begin();
    expect(await user.ask(second, { do: 'end', name: 'cart', item: 'apples' })).toBe('ended');
    expect(await user.ask(second, SHOW)).toBe('no session');
    // The other server learns of it by a message: a request that meets it there can find the session ended while it reads it.
    await vi.waitFor(async () => expect(await user.ask(first, SHOW)).toBe('no session'), { timeout: 5_000, interval: 50 });
    const nobody = new Browser();
    expect([await nobody.ask(first, SHOW), nobody.cookie]).toEqual(['no session', '']);
  });

  it('leaves an attribute removed that another server removes meanwhile', async () => {
    const user = await begin();
    const adding = user.ask(first, { ...ADD, item: 'apples', waitMs: '800' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await user.ask(second, { do: 'remove', name: 'cart' });
    await adding;
    expect(await user.ask(second, SHOW)).toBe('cart=null wishes=[]');
  });

  it('answers a request that adds what cannot be serialized, keeps what was there, and names the class once', async () => {
    const user = await begin();
    await user.ask(second, { ...ADD, item: 'apples' });
    for (const name of ['cart', 'cart']) expect(await user.ask(second, { do: 'spoil', name })).toMatch(/^cart=\[apples, Thread/);
    expect(await user.ask(first, SHOW)).toBe('cart=[apples] wishes=[]');
    const lines = second.output().match(/not written if it has changed: java\.lang\.Thread, since it is not serializable/g);
    expect(lines).toHaveLength(1);
    expect(await unwrittenOf(second)).toMatchObject({ attributes: ['cart (java.util.ArrayList)'], unserializable: ['java.lang.Thread'] });
  });

  it('reads a session anew once the store answers again that did not at the end of a request', async () => {
    const user = await begin();
    await user.ask(first, { ...ADD, item: 'apples' });
    const adding = user.ask(first, { ...ADD, item: 'pears', waitMs: '1500' });
    await new Promise((resolve) => setTimeout(resolve, 700));
    servers.store.child.kill('SIGSTOP');
    // The change is not in the store, and the answer says so. The server's next requests must not get what that request had read.
    expect(await adding.finally(() => servers.store.child.kill('SIGCONT'))).toMatch(/^500 /);
    expect(await unwrittenOf(first)).toMatchObject({ failed: 1 });
    await user.ask(second, { ...ADD, item: 'plums' });
    expect(await user.ask(first, SHOW)).toBe('cart=[apples, plums] wishes=[]');
  }, 90_000);
});

interface Unwritten {
  readonly requests: number;
  readonly of: number;
}
const unwrittenOf = async (server: RunningTomcat): Promise<Unwritten> =>
  ((await (await fetch(`${server.statusUrl}/status`)).json()) as { unwritten: Unwritten }).unwritten;
