/** Requests of one session that meet: what listeners, asynchronous work and another request change at the same time, and what cannot be written. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { whyNoJava } from '../../setup/java.mjs';
import { Browser, type CartServers } from './java/cart-servers.ts';
import { requestServers } from './java/request-servers.ts';
import type { RunningTomcat } from './java/tomcat-releases.ts';

const noJava = whyNoJava();
const SHOW = { do: 'show' } as const;
const WRITTEN = { timeout: 10_000, interval: 50 };

describe.skipIf(noJava !== undefined)(`requests of one session${noJava ? ` (${noJava})` : ''}`, () => {
  let servers: CartServers;
  let first: RunningTomcat;
  let second: RunningTomcat;
  let redis: Redis;
  beforeAll(async () => {
    servers = await requestServers();
    redis = new Redis(servers.store.port, '127.0.0.1');
    [first, second] = await Promise.all([servers.start(), servers.start()]);
  }, 300_000);
  afterAll(async () => {
    await redis?.quit();
    await servers?.stop();
  });

  const begin = async () => {
    const user = new Browser();
    await user.ask(first, { do: 'begin' });
    return user;
  };
  const pause = () => servers.store.child.kill('SIGSTOP');
  const goOn = () => servers.store.child.kill('SIGCONT');

  it('write what a listener changes before the first filter and after the last', async () => {
    const user = await begin();
    await fetch(`${second.url}/index.html?visit`, { headers: { cookie: user.cookie } });
    await vi.waitFor(async () => expect(await user.ask(first, SHOW)).toBe('cart=[before, after] wishes=[]'), WRITTEN);
  });

  it('write what an asynchronous request changes in the page that it is dispatched to', async () => {
    const user = await begin();
    await user.ask(second, { do: 'dispatch', name: 'cart', item: 'apples' }, 'page');
    expect(await user.ask(first, SHOW)).toBe('cart=[apples] wishes=[]');
  });

  it.each([
    ['on its server', () => second],
    ['on another', () => first],
  ])('keep what one changes %s while an asynchronous one has an older object', async (_, serverOf) => {
    const user = await begin();
    const before = (await unwrittenOf(second)).failed;
    const later = user.ask(second, { do: 'later', name: 'cart', item: 'late', waitMs: '1500' }, 'page');
    await sleep(500);
    await user.ask(serverOf(), { do: 'add', name: 'cart', item: 'apples' });
    await later;
    // It ends after its response.
    await sleep(500);
    expect(await user.ask(second, SHOW)).toBe('cart=[apples] wishes=[]');
    expect((await unwrittenOf(second)).failed).toBe(before + 1);
    expect(second.output()).toContain('asynchronous request changed in a session attribute is not written, cart (java.util.ArrayList)');
  });

  it('keep what one adds to a list that another one adds to and sets again meanwhile', async () => {
    const user = await begin();
    const adding = user.ask(second, { do: 'late', name: 'cart', item: 'pears', waitMs: '1500' }, 'page');
    await sleep(500);
    await user.ask(second, { do: 'again', name: 'cart', item: 'apples' }, 'page');
    await adding;
    expect(await user.ask(first, SHOW)).toBe('cart=[apples, pears] wishes=[]');
  });

  it('keep what one sets while the end of another is writing the object of before', async () => {
    // What becomes of each is decided by which answer of the store is read first, so that there are eight.
    const users = await Promise.all(Array.from({ length: 8 }, begin));
    for (const user of users) await user.ask(second, { do: 'slow' }, 'page');
    const replacing = users.map((user) => user.ask(second, { do: 'replace', waitMs: '1200' }, 'page'));
    await sleep(400);
    const changing = users.map((user) => user.ask(second, { do: 'change' }, 'page'));
    await sleep(500);
    pause();
    await sleep(1_500);
    goOn();
    await Promise.all([...replacing, ...changing]);
    const left = await Promise.all(users.map((user) => user.ask(first, SHOW, 'page')));
    expect(left).toEqual(users.map(() => 'replaced'));
  }, 60_000);

  it('have written what they changed before the answer ends of a page to which they forward, though a filter has wrapped it', async () => {
    const user = await begin();
    await user.ask(second, { do: 'slow' }, 'page');
    expect(await user.ask(second, { do: 'wrapped' }, 'page')).toBe('cart=[] wishes=[]');
    expect(await user.ask(first, { do: 'default' }, 'page')).toBe('changed');
  });

  it('count a change that cannot be written', async () => {
    const user = await begin();
    const before = (await unwrittenOf(second)).failed;
    await user.ask(second, { do: 'spoil', name: 'cart' });
    expect((await unwrittenOf(second)).failed).toBe(before + 1);
  });

  it('find no session that has ended, also on a server that has not heard of its end', async () => {
    const user = await begin();
    await sleep(500);
    const ended = { cookie: user.cookie };
    await user.ask(first, { do: 'end', name: 'cart', item: 'apples' });
    await sleep(500);
    const notified = await redis.keys('*notified*');
    expect(notified).not.toEqual([]);
    await redis.del(...notified);
    expect(await Object.assign(new Browser(), ended).ask(second, SHOW)).toBe('no session');
    const [hash = ''] = (await redis.keys('sess:shop:*')).filter((key) => key.includes(ended.cookie.replace(/^.*=/, '')));
    // It is left to its minute.
    expect(await redis.ttl(hash)).toBeGreaterThan(0);
  });

  it('ask the store for a session as often as Tomcat and the application do, also for one that has ended', async () => {
    const user = await begin();
    // The other server learns of the session, and reads it.
    await sleep(500);
    const calls = async (command: string, ask: () => Promise<unknown>) => {
      const count = async () => {
        const [, found = '0'] = new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(await redis.info('commandstats')) ?? [];
        return Number(found);
      };
      const before = await count();
      await ask();
      await sleep(300);
      return (await count()) - before;
    };
    const nobody = new Browser();
    nobody.cookie = 'JSESSIONID=0123456789ABCDEF0123456789ABCDEF';
    // Tomcat's authenticator, and the page.
    expect(await calls('exists', () => nobody.ask(second, SHOW))).toBe(2);
    expect(await calls('hmget', () => nobody.ask(second, SHOW))).toBe(0);
    // Each use of a session is written when it is found, and when the request ends: in one script, and the time to live in another.
    await user.ask(second, SHOW);
    await sleep(500);
    expect(await calls('eval', () => user.ask(second, {}, 'index.html'))).toBeLessThanOrEqual(4);
  });

  it('leave the others written when one of the attributes cannot be, and log no word of it', async () => {
    const user = await begin();
    await user.ask(second, { do: 'odd' }, 'page');
    const before = (await unwrittenOf(second)).failed;
    for (const item of ['apples', 'pears']) await user.ask(second, { do: 'oddly', item }, 'page');
    expect(await user.ask(first, SHOW)).toBe('cart=[apples, pears] wishes=[]');
    expect((await unwrittenOf(second)).failed).toBe(before + 2);
    expect(second.output().match(/a changed session attribute is not written, odd \(shop\.Odd\): /g)).toHaveLength(1);
    expect(second.output()).not.toContain('ann@');
  });

  it('compare two hundred attributes of a request, and 16 MB of them, and log that there were more', async () => {
    const user = await begin();
    await user.ask(second, { do: 'many', count: '210', bytes: '1' }, 'page');
    await user.ask(second, { do: 'touch' }, 'page');
    expect(await user.ask(first, { do: 'touched' }, 'page')).toBe('200');
    const other = await begin();
    await other.ask(first, { do: 'many', count: '8', bytes: `${3 * 1_024 * 1_024}` }, 'page');
    await other.ask(second, { do: 'touch' }, 'page');
    // With the sixth there are more than 16 MB.
    expect(await other.ask(first, { do: 'touched' }, 'page')).toBe('6');
    expect(second.output().match(/a request has read more than 200 session attributes or 16777216 bytes of them/g)).toHaveLength(1);
  }, 60_000);

  it('are counted while their session’s id is in the URL', async () => {
    const user = await begin();
    const status = async () => ((await (await fetch(`${first.statusUrl}/status`)).json()) as { sessionsInUrls: number }).sessionsInUrls;
    const before = await status();
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    await (await fetch(`${first.url}/cart.jsp;jsessionid=${user.cookie.replace(/^.*=/, '')}?do=show`, { headers })).text();
    await vi.waitFor(async () => expect(await status()).toBe(before + 1), WRITTEN);
    await (await fetch(`${first.url}/cart.jsp?do=show`, { headers: { ...headers, cookie: user.cookie } })).text();
    await vi.waitFor(async () => expect(await status()).toBe(before), WRITTEN);
  });

  it('leave no value that was set in the memory of a server, but one that waits to be unbound', async () => {
    const heap = async () => Number(await new Browser().ask(second, { do: 'heap' }, 'page'));
    const user = await begin();
    await user.ask(second, { do: 'bound', name: 'bound' }, 'page');
    const before = await heap();
    for (let users = 0; users < 150; users += 1) await new Browser().ask(second, { do: 'many', count: '1', bytes: '200000' }, 'page');
    // They are 30 MB.
    expect((await heap()) - before).toBeLessThan(10);
    expect(await user.ask(second, { do: 'unbound', item: 'bound' }, 'page')).toBe('1');
  }, 60_000);

  it('keep a session alive on each server that they do not come to', async () => {
    const user = await begin();
    await user.ask(first, { do: 'brief', seconds: '4' }, 'page');
    // Tomcat looks for sessions that have timed out every ten seconds.
    for (let asked = 0; asked < 14; asked += 1) {
      await sleep(1_000);
      expect(await user.ask(second, SHOW)).toBe('cart=[] wishes=[]');
    }
    expect(await user.ask(first, SHOW)).toBe('cart=[] wishes=[]');
  }, 60_000);

  it('are counted without the store, also where a session has timed out', async () => {
    const user = await begin();
    await user.ask(first, { do: 'brief', seconds: '1' }, 'page');
    await sleep(1_500);
    pause();
    const answer = await fetch(`${first.statusUrl}/status`, { signal: AbortSignal.timeout(2_000) })
      .then(({ status }) => status)
      .catch((error: Error) => error.name)
      .finally(goOn);
    expect(answer).toBe(200);
  });

  it('have no session of another application on the same Tomcat', async () => {
    const conf = mkdtempSync(path.join(tmpdir(), 'two-applications-'));
    mkdirSync(path.join(conf, 'Catalina', 'localhost'), { recursive: true });
    const docBase = path.join(import.meta.dirname, 'session-cart');
    writeFileSync(path.join(conf, 'Catalina', 'localhost', 'admin.xml'), `<Context docBase="${docBase}"/>`);
    const both = await servers.start({ conf });
    const user = await begin();
    expect(await user.ask(both, SHOW)).toBe('cart=[] wishes=[]');
    expect(await user.ask(both, SHOW, 'admin/cart.jsp')).toBe('no session');
    const own = new Browser();
    expect(await own.ask(both, { do: 'begin' }, 'admin/cart.jsp')).toBe('cart=[] wishes=[]');
    expect(await own.ask(both, SHOW, 'admin/cart.jsp')).toBe('cart=[] wishes=[]');
    await both.kill();
    rmSync(conf, { recursive: true });
  }, 150_000);

  describe('on a server that has just begun', () => {
    let third: RunningTomcat;
    let user: Browser;
    beforeAll(async () => {
      user = await begin();
      third = await servers.start();
    }, 150_000);

    it('share one object when they are its first two', async () => {
      pause();
      const both = [
        user.ask(third, { do: 'add', name: 'cart', item: 'apples', waitMs: '300' }),
        user.ask(third, { do: 'add', name: 'cart', item: 'pears', waitMs: '900' }),
      ];
      await sleep(700);
      goOn();
      await Promise.all(both);
      expect(await user.ask(second, SHOW)).toBe('cart=[apples, pears] wishes=[]');
    }, 60_000);

    it('go on where they were once the application was loaded anew', async () => {
      await user.ask(third, { do: 'reload' }, 'page');
      await vi.waitFor(() => expect(third.output()).toMatch(/Reloading Context with name \[\] is completed/), {
        timeout: 60_000,
        interval: 100,
      });
      await user.ask(third, { do: 'add', name: 'cart', item: 'plums' });
      expect(await user.ask(second, SHOW)).toBe('cart=[apples, pears, plums] wishes=[]');
      expect(third.output()).not.toContain('Error starting Valve');
    }, 90_000);

    it.each(['ann@example.com', 'ann.lee', 'ann-lee', 'ann2026'])('show no attribute that is named %s', async (name) => {
      for (let times = 0; times < 2; times += 1) await user.ask(third, { do: 'shy', name }, 'page');
      const shown = await unwrittenOf(third);
      expect(shown).toMatchObject({ attributes: ['java.util.ArrayList'], unserializable: ['java.util.ArrayList'] });
      expect(`${JSON.stringify(shown)}${third.output()}`).not.toMatch(/ann/i);
    });
  });
});

interface Unwritten {
  readonly failed: number;
}
const unwrittenOf = async (server: RunningTomcat): Promise<Unwritten> =>
  ((await (await fetch(`${server.statusUrl}/status`)).json()) as { unwritten: Unwritten }).unwritten;
