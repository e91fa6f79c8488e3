/** What becomes of changes and of sessions that others end, rename, remove or lock while requests have them, and while the store does not answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { applicationAccess } from '../../infra/constructs/store/access-strings.ts';
import { whyNoJava } from '../../setup/java.mjs';
import { Browser, type CartServers } from './java/cart-servers.ts';
import { requestServers } from './java/request-servers.ts';
import type { RunningTomcat } from './java/tomcat-releases.ts';

const noJava = whyNoJava();
const SHOW = { do: 'show' } as const;
const WRITTEN = { timeout: 10_000, interval: 50 };

describe.skipIf(noJava !== undefined)(`a session that others change meanwhile${noJava ? ` (${noJava})` : ''}`, () => {
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
  const as = ({ cookie }: Browser) => Object.assign(new Browser(), { cookie });
  const hashOf = async ({ cookie }: Browser) => {
    const keys = (await redis.keys('sess:shop:*tomcat_session*')).filter((key) => key.includes(cookie.replace(/^.*=/, '')));
    expect(keys).toHaveLength(1);
    return keys[0] ?? '';
  };
  const failedOf = async (server: RunningTomcat) =>
    ((await (await fetch(`${server.statusUrl}/status`)).json()) as { unwritten: { failed: number } }).unwritten.failed;
  const pause = () => servers.store.child.kill('SIGSTOP');
  const goOn = () => servers.store.child.kill('SIGCONT');

  describe('at the end of a request', () => {
    it('leaves an attribute removed that another server removes while the end writes another one', async () => {
      const user = await begin();
      await user.ask(second, { do: 'slow' }, 'page');
      // Its two lists are written after the slow one, which takes a second.
      const changing = user.ask(second, { do: 'both', item: 'apples' }, 'page');
      await sleep(500);
      await user.ask(first, { do: 'remove', name: 'cart' });
      await changing;
      expect(await user.ask(first, SHOW)).toBe('cart=null wishes=[apples]');
    });

    // https://github.com/redisson/redisson/pull/1618: of a session that the store had lost, a use left two fields.
    it('counts a change whose session the store has lost, leaves nothing of it there, and serves it no more', async () => {
      const user = await begin();
      const before = await failedOf(second);
      const adding = user.ask(second, { do: 'add', name: 'cart', item: 'apples', waitMs: '3000' });
      await sleep(1_500);
      const hash = await hashOf(user);
      expect(await redis.del(hash)).toBe(1);
      await adding;
      await sleep(300);
      expect(await redis.exists(hash)).toBe(0);
      expect(await failedOf(second)).toBe(before + 1);
      expect(await as(user).ask(second, SHOW)).toBe('no session');
      expect(await as(user).ask(first, SHOW)).toBe('no session');
    });

    it('counts a change whose session gets another id on another server', async () => {
      const user = await begin();
      const before = await failedOf(second);
      const adding = as(user).ask(second, { do: 'add', name: 'cart', item: 'apples', waitMs: '3000' });
      await sleep(1_500);
      const old = as(user);
      await user.ask(first, { do: 'rename' }, 'page');
      expect(user.cookie).not.toBe(old.cookie);
      await adding;
      expect(await failedOf(second)).toBe(before + 1);
      expect(await old.ask(second, SHOW)).toBe('no session');
      expect(await user.ask(second, SHOW)).toBe('cart=[] wishes=[]');
      // https://github.com/redisson/redisson/issues/3059: the key with the new id had no time to live.
      expect(await redis.ttl(await hashOf(user))).toBeGreaterThan(1_700);
    });

    it('gives what a request sets in a session that the store has lost a short time to live', async () => {
      const user = await begin();
      const setting = user.ask(second, { do: 'replace', waitMs: '3000' }, 'page');
      await sleep(1_500);
      const hash = await hashOf(user);
      await redis.del(hash);
      await setting;
      await vi.waitFor(async () => expect(await redis.ttl(hash)).toBeGreaterThan(0), WRITTEN);
      expect(await redis.ttl(hash)).toBeLessThanOrEqual(60);
    });

    it('writes what a request has changed that could not set it', async () => {
      const user = await begin();
      await user.ask(second, { do: 'odd' }, 'page');
      expect(await user.ask(second, { do: 'oddly set' }, 'page')).toMatch(/^not set /);
      expect(await user.ask(first, { do: 'oddness' }, 'page')).toBe('odd1');
    });

    it('writes the others when one cannot be compared, since an Error of the application ends that', async () => {
      const user = await begin();
      await user.ask(second, { do: 'odd' }, 'page');
      expect(await user.ask(second, { do: 'odd kind', item: 'broken' }, 'page')).not.toMatch(/^500/);
      expect(await user.ask(first, SHOW)).toBe('cart=[broken] wishes=[broken]');
      expect(second.output()).toContain('not written if it has changed: shop.Odd, since serializing it fails with java.lang.Error');
      expect(second.output()).not.toContain('ann@');
    });

    // https://github.com/redisson/redisson/issues/5755: ConcurrentModificationException while a session was saved.
    it('writes once more what another request changes while it is written', async () => {
      const user = await begin();
      await user.ask(second, { do: 'odd' }, 'page');
      const before = await failedOf(second);
      await user.ask(second, { do: 'odd kind', item: 'busy' }, 'page');
      expect(await user.ask(first, { do: 'oddness' }, 'page')).toBe('busy1');
      expect(await failedOf(second)).toBe(before);
    });

    // https://github.com/redisson/redisson/issues/6253: an InterruptedException in the place of the store's answer.
    it('writes what a request has changed whose thread the application has left interrupted', async () => {
      const user = await begin();
      const before = await failedOf(second);
      // Tomcat itself closes the connection of such a thread.
      await user.ask(second, { do: 'interrupt', name: 'cart', item: 'apples' }, 'page').catch(() => undefined);
      expect(await user.ask(first, SHOW)).toBe('cart=[apples] wishes=[]');
      expect(await failedOf(second)).toBe(before);
    });
  });

  it('lets a request read an attribute whose form another one is taking, under a lock of the application that the first has', async () => {
    const user = await begin();
    await user.ask(first, { do: 'guarded' }, 'page');
    const guarding = user.ask(second, { do: 'guarding', waitMs: '1000' }, 'page');
    await sleep(400);
    const both = Promise.all([guarding, user.ask(second, { do: 'guard' }, 'page')]);
    expect(await Promise.race([both, sleep(4_000).then(() => 'stuck')])).toEqual(['true', 'true']);
  }, 30_000);

  // https://github.com/redisson/redisson/issues/1432: a logged-out session went on at another server.
  it.each(['is still kept as ended', 'is gone'])(
    'is served by no server that has missed its end, while it %s in the store',
    async (left) => {
      const user = await begin();
      expect(await user.ask(second, SHOW)).toBe('cart=[] wishes=[]');
      const ended = as(user);
      await sleep(300);
      second.signal('SIGSTOP');
      await redis.call('client', 'kill', 'type', 'pubsub');
      expect(await user.ask(first, { do: 'end', name: 'cart', item: 'apples' })).toBe('ended');
      const hash = await hashOf(ended);
      if (left === 'is gone') await redis.del(hash);
      second.signal('SIGCONT');
      expect(await ended.ask(second, SHOW)).toBe('no session');
      // A minute after its end, nothing is left.
      expect(await redis.ttl(hash)).toBeLessThanOrEqual(60);
    },
    60_000,
  );

  it('stays ended while another server, which has heard of its begin, loads it', async () => {
    const before = new Set(await redis.keys('sess:shop:*'));
    for (let round = 0; round < 150; round += 1) expect(await new Browser().ask(first, { do: 'at once' }, 'page')).toBe('ended');
    await sleep(1_000);
    const left = (await redis.keys('sess:shop:*tomcat_session*')).filter((key) => !before.has(key));
    const ttls = await Promise.all(left.map((key) => redis.ttl(key)));
    expect(ttls.filter((ttl) => ttl < 0 || ttl > 60)).toEqual([]);
  }, 60_000);

  it('has the user whom it has in the store, also on a server that has it in memory', async () => {
    const user = await begin();
    const who = (server: RunningTomcat) => user.ask(server, { do: 'who' }, 'page');
    expect([await who(first), await who(second)]).toEqual(['null', 'null']);
    await user.ask(first, { do: 'log in' }, 'page');
    expect([await who(first), await who(second)]).toEqual(['ann', 'ann']);
    await user.ask(second, { do: 'log out' }, 'page');
    expect([await who(second), await who(first)]).toEqual(['null', 'null']);
  });

  it('has ended for all servers, also where the store fails in the middle of its end', async () => {
    const user = await begin();
    const old = as(user);
    await sleep(300);
    await redis.call('acl', 'setuser', 'default', '-sadd');
    await user.ask(first, { do: 'end', name: 'cart', item: 'apples' }).finally(() => redis.call('acl', 'setuser', 'default', '+sadd'));
    await redis.call('acl', 'log', 'reset');
    expect(await old.ask(second, SHOW)).toBe('no session');
    expect(await redis.ttl(await hashOf(old))).toBeLessThanOrEqual(60);
  });

  it('goes on under its new id while other requests meet the change', async () => {
    for (let round = 0; round < 40; round += 1) {
      const user = await begin();
      const old = as(user);
      const shown = Array.from({ length: 4 }, () => as(old).ask(first, SHOW));
      await Promise.all([user.ask(first, { do: 'rename' }, 'page'), ...shown]);
      expect(user.cookie).not.toBe(old.cookie);
      expect(await user.ask(first, SHOW)).toBe('cart=[] wishes=[]');
      expect(await user.ask(second, SHOW)).toBe('cart=[] wishes=[]');
    }
  }, 60_000);

  // https://github.com/spring-projects/spring-session/issues/1743: a rename of a session that has been renamed fails.
  it('gets one new id of two servers that change it at once, and no key without a time to live', async () => {
    for (let round = 0; round < 10; round += 1) {
      const user = await begin();
      const [one, other] = [as(user), as(user)];
      const answers = await Promise.all([one.ask(first, { do: 'rename' }, 'page'), other.ask(second, { do: 'rename' }, 'page')]);
      expect(answers.filter((answer) => !answer.startsWith('500'))).not.toHaveLength(0);
      const shown = await Promise.all([one.ask(second, SHOW), other.ask(first, SHOW)]);
      expect(shown).toContain('cart=[] wishes=[]');
    }
    await sleep(300);
    for (const key of await redis.keys('sess:shop:*')) expect(await redis.ttl(key)).toBeGreaterThan(0);
  }, 60_000);

  // https://github.com/redisson/redisson/issues/2023: an unknown id became a key without a time to live.
  it('leaves no key of an id that was never a session', async () => {
    const nobody = new Browser();
    nobody.cookie = 'JSESSIONID=00112233445566778899AABBCCDDEEFF';
    expect(await nobody.ask(first, SHOW)).toBe('no session');
    expect((await redis.keys('*')).filter((key) => key.includes('00112233445566778899AABBCCDDEEFF'))).toEqual([]);
  });

  it('is read, changed, renamed and ended with the commands that a fleet’s user has', async () => {
    const rules = applicationAccess({ keyPrefix: 'sess:shop:', channels: ['redisson-tomcat'] }, [0]);
    await redis.call('acl', 'setuser', 'app', '>swordfish', ...rules.split(' '));
    const limited = await servers.start({}, { SESSION_STORE_USER: 'app', SESSION_STORE_PASSWORD: 'swordfish' });
    const user = await begin();
    await user.ask(limited, { do: 'add', name: 'cart', item: 'apples' });
    await user.ask(limited, { do: 'rename' }, 'page');
    expect(await user.ask(first, SHOW)).toBe('cart=[apples] wishes=[]');
    expect(await user.ask(limited, { do: 'end', name: 'cart', item: 'pears' })).toBe('ended');
    expect(await user.ask(first, SHOW)).toBe('no session');
    expect(await failedOf(limited)).toBe(0);
    expect(await redis.call('acl', 'log')).toEqual([]);
    await limited.kill();
  }, 150_000);

  describe('on a server that has just begun', () => {
    let third: RunningTomcat;
    let users: Browser[];
    beforeAll(async () => {
      users = await Promise.all(Array.from({ length: 4 }, begin));
      await sleep(500);
      third = await servers.start();
    }, 150_000);
    afterAll(() => third?.kill());

    it('is loaded without a write of what others may be changing', async () => {
      const [user = new Browser()] = users;
      const writes = async () => /^cmdstat_hmset:calls=(\d+)/m.exec(await redis.info('commandstats'))?.[1] ?? '0';
      const before = await writes();
      expect(await user.ask(third, SHOW)).toBe('cart=[] wishes=[]');
      expect(await writes()).toBe(before);
    });

    it('ends elsewhere without an error there', async () => {
      const [, user = new Browser()] = users;
      const ended = as(user);
      await user.ask(first, { do: 'end', name: 'cart', item: 'apples' });
      await sleep(500);
      expect(third.output()).not.toContain('Unable to handle topic message');
      expect(await ended.ask(third, SHOW)).toBe('no session');
    });

    it('is not taken for none while the store does not answer, and then one request at a time asks', async () => {
      const [, , user = new Browser(), other = new Browser()] = users;
      const timed = async (one: Browser) => {
        const beganMs = Date.now();
        const answer = await as(one).ask(third, SHOW);
        return { answer: answer.slice(0, 3), isSlow: Date.now() - beganMs > 3_000 };
      };
      pause();
      const alone = await timed(user).catch(String);
      const both = await Promise.all([user, other].map(timed)).catch(String).finally(goOn);
      expect(alone).toEqual({ answer: '500', isSlow: true });
      expect(both).toEqual(
        expect.arrayContaining([
          { answer: '500', isSlow: true },
          { answer: '500', isSlow: false },
        ]),
      );
      expect(await as(other).ask(third, SHOW)).toBe('cart=[] wishes=[]');
      expect(await as(user).ask(third, SHOW)).toBe('cart=[] wishes=[]');
    }, 90_000);
  });

  describe('while the store does not answer', () => {
    it('has ends of requests fail together, and not one after the other', async () => {
      const user = await begin();
      const before = await failedOf(second);
      const items = ['a', 'b', 'c', 'd', 'e'];
      const adding = items.map((item) => user.ask(second, { do: 'late', name: 'cart', item, waitMs: '1500' }, 'page'));
      await sleep(1_000);
      pause();
      const beganMs = Date.now();
      const answers = await Promise.all(adding).finally(goOn);
      expect(answers.map((answer) => answer.slice(0, 3))).toEqual(items.map(() => '500'));
      expect(Date.now() - beganMs).toBeLessThan(15_000);
      expect(await failedOf(second)).toBe(before + items.length);
      expect(await user.ask(first, SHOW)).toBe('cart=[] wishes=[]');
    }, 90_000);

    it('has no request change an object of its own that another one loads for longer than requests wait', async () => {
      const user = await begin();
      const third = await servers.start();
      pause();
      const both = ['apples', 'pears'].map((item) => user.ask(third, { do: 'add', name: 'cart', item, waitMs: '1500' }));
      await sleep(5_600);
      goOn();
      const answers = await Promise.all(both);
      const kept = ['apples', 'pears'].filter((_, at) => !answers[at]?.startsWith('500'));
      expect(kept).not.toEqual([]);
      const shown = await user.ask(first, SHOW);
      for (const item of kept) expect(shown).toContain(item);
      await third.kill();
    }, 150_000);
  });
});
