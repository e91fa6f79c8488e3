/** Logins, log-outs and the list of a user's sessions, on a real store. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createUserSessions } from '../../../session/user-sessions/index.mjs';
import { type RealStore, startStore } from '../../functions/sweep/real-store.ts';
import { Browser, type Request, settle } from './browser.ts';
import { type Client, connectClient, createSite, login, PREFIX, type Site, USER_KEY } from './site.ts';

let real: RealStore;
let client: Client;
let site: Site;
beforeAll(async () => {
  real = await startStore();
  client = await connectClient(real.port);
});
afterAll(async () => {
  client.destroy();
  await real.stop();
});
beforeEach(async () => {
  await real.redis.flushall();
  site = createSite(client, { max: 2 });
});

const browsers = (count: number) => Array.from({ length: count }, () => new Browser());
const logIn = (browser: Browser, user = 'ann', on = site) => browser.send(on.middleware, (req) => login(on, req, user));
const isLoggedIn = async (browser: Browser) => {
  let user: unknown;
  await browser.send(site.middleware, (req) => {
    user = req.session['user'];
  });
  return user !== undefined;
};
const ask = async <T>(browser: Browser, question: (req: Request) => Promise<T>): Promise<T> => {
  let answer: T | undefined;
  await browser.send(site.middleware, async (req) => {
    answer = await question(req);
  });
  return answer as T;
};
const why = (browser: Browser) => ask(browser, (req) => site.users.whyEnded(req));

describe('login', () => {
  it('gives a new id, ends the previous one, and takes over only what is kept', async () => {
    const [ann] = browsers(1) as [Browser];
    await ann.send(site.middleware, (req) => {
      Object.assign(req.session, { basket: ['pen'], visits: 7 });
    });
    const before = ann.id;
    const { setCookie } = await logIn(ann);
    expect(setCookie).not.toMatch(/Expires|Max-Age/i);
    expect(ann.id).not.toBe(before);
    expect(await real.redis.exists(PREFIX + before)).toBe(0);
    await ann.send(site.middleware, (req) => expect({ ...req.session, cookie: 0 }).toEqual({ basket: ['pen'], user: 'ann', cookie: 0 }));
  });

  it('at a re-authentication ends the previous id, which learns no reason', async () => {
    const [ann, copy] = browsers(2) as [Browser, Browser];
    await logIn(ann);
    copy.cookie = ann.cookie;
    await logIn(ann);
    expect(await isLoggedIn(copy)).toBe(false);
    copy.cookie = copy.cookie || '';
    expect(await ask(ann, (req) => site.users.list(req))).toEqual([
      { handle: expect.any(String), startedAt: expect.any(Date), current: true },
    ]);
    expect(await why(copy)).toBeUndefined();
  });

  it('lets the newest sessions of the user live, and the oldest learns why it ended; log-outs make room', async () => {
    const [first, second, third, fourth] = browsers(4) as [Browser, Browser, Browser, Browser];
    for (const browser of [first, second, third]) await logIn(browser);
    expect(await Promise.all([first, second, third].map(isLoggedIn))).toEqual([false, true, true]);
    expect(await why(first)).toBe('newer-login');
    await third.send(site.middleware, (req) => site.users.logout(req));
    expect(await why(third)).toBeUndefined();
    await logIn(fourth);
    expect(await Promise.all([second, fourth].map(isLoggedIn))).toEqual([true, true]);
  });

  it('does not count sessions that timed out', async () => {
    const [first, second, third] = browsers(3) as [Browser, Browser, Browser];
    await logIn(first);
    await logIn(second);
    await real.redis.del(PREFIX + second.id);
    await logIn(third);
    expect(await isLoggedIn(first)).toBe(true);
    expect(await real.redis.llen((await real.redis.keys(`${PREFIX}user-sessions:*`))[0] as string)).toBe(2);
  });

  it('of one user ends no session of another', async () => {
    const [ann, bob] = browsers(2) as [Browser, Browser];
    await logIn(ann);
    await logIn(bob, 'bob');
    expect(await ask(bob, () => site.users.endAll('ann'))).toBe(1);
    expect([await isLoggedIn(ann), await isLoggedIn(bob)]).toEqual([false, true]);
    expect(await why(ann)).toBe('ended');
  });

  it.each(['', 7, 'u'.repeat(1_025), undefined])('refuses %j as a user, and changes nothing', async (user) => {
    const [ann] = browsers(1) as [Browser];
    await logIn(ann);
    await ann.send(site.middleware, async (req) => {
      await expect(site.users.login(req, user as string)).rejects.toMatchObject({ name: 'InvalidArgument' });
      await expect(site.users.endAll(user as string)).rejects.toMatchObject({ name: 'InvalidArgument' });
      await expect(site.users.login(req, 'ann', 'basket' as never)).rejects.toMatchObject({ name: 'InvalidArgument' });
    });
    expect(await isLoggedIn(ann)).toBe(true);
  });

  it.each(['set', 'multi', 'exists', 'del', 'lRem'])(
    'that the store does not finish (%s) is no login, and leaves no session',
    async (command) => {
      const [ann, before, other] = browsers(3) as [Browser, Browser, Browser];
      await logIn(before);
      await logIn(other);
      const broken = createSite(refusing(command), { max: 2 });
      let id = '';
      await ann.send(broken.middleware, async (req) => {
        await expect(broken.users.login(req, 'ann')).rejects.toThrow('the store is away');
        id = req.sessionID;
        expect(req.session).toBeUndefined();
      });
      expect(ann.cookie).toBe('');
      // It cannot be deleted where DEL itself fails; nobody has its id.
      if (command !== 'del') expect(await real.redis.exists(PREFIX + id)).toBe(0);
      await logIn(ann);
      expect(await isLoggedIn(ann)).toBe(true);
      expect(await ask(ann, (req) => site.users.list(req))).toHaveLength(2);
    },
  );
});

/** The client, on a store that does not answer one command. */
const refusing = (command: string): Client =>
  new Proxy(client, {
    get: (target, name) => {
      if (name !== command) return target[name].bind?.(target);
      const refuse = () => Promise.reject(new Error('the store is away'));
      const chain = { lPush: () => chain, lRange: () => chain, expire: () => chain, exec: refuse };
      return command === 'multi' ? () => chain : refuse;
    },
  });

describe('the list of sessions', () => {
  it('has handles that are no ids, by which the user ends other devices', async () => {
    const [phone, laptop] = browsers(2) as [Browser, Browser];
    await logIn(phone);
    await logIn(laptop);
    const list = await ask(laptop, (req) => site.users.list(req));
    expect(list.map(({ current }) => current)).toEqual([true, false]);
    for (const { handle, startedAt } of list) {
      expect(handle).toMatch(/^[0-9a-f]{32}$/);
      expect([phone.id, laptop.id]).not.toContain(handle);
      expect(Math.abs(startedAt.getTime() - Date.now())).toBeLessThan(60_000);
    }
    const { handle } = list[1] as { handle: string };
    expect(await ask(laptop, (req) => site.users.end(req, 'unknown'))).toBe(false);
    expect(await ask(laptop, (req) => site.users.end(req, handle))).toBe(true);
    expect(await why(phone)).toBe('ended');
    expect(await ask(laptop, (req) => site.users.list(req))).toHaveLength(1);
  });

  it('of another user has no handle that works here', async () => {
    const [ann, bob] = browsers(2) as [Browser, Browser];
    await logIn(ann);
    await logIn(bob, 'bob');
    const [mine] = await ask(ann, (req) => site.users.list(req));
    expect(await ask(bob, (req) => site.users.end(req, mine?.handle as string))).toBe(false);
    expect(await isLoggedIn(ann)).toBe(true);
  });

  it('is emptied but for the current session by endOthers', async () => {
    const [one, two] = browsers(2) as [Browser, Browser];
    await logIn(one);
    await logIn(two);
    expect(await ask(two, (req) => site.users.endOthers(req))).toBe(1);
    expect([await isLoggedIn(one), await isLoggedIn(two)]).toEqual([false, true]);
  });

  it('answers no session without a user, and lets no ended session end others', async () => {
    const [ann, bob, eve] = browsers(3) as [Browser, Browser, Browser];
    await logIn(ann);
    await logIn(bob);
    await eve.send(site.middleware, async (req) => {
      for (const call of [site.users.list, site.users.endOthers]) await expect(call(req)).rejects.toMatchObject({ name: 'NotLoggedIn' });
      await expect(site.users.end(req, 'x')).rejects.toMatchObject({ name: 'NotLoggedIn' });
    });
    await ann.send(site.middleware, async (req) => {
      await ask(bob, (other) => site.users.endOthers(other));
      await expect(site.users.endOthers(req)).rejects.toMatchObject({ name: 'SessionEnded' });
      await expect(site.users.end(req, 'x')).rejects.toMatchObject({ name: 'SessionEnded' });
    });
    expect(await isLoggedIn(bob)).toBe(true);
  });
});

describe('what is in the store', () => {
  it('has a life each, names no user, and no id outside the session and the list', async () => {
    const three = browsers(3);
    for (const browser of three) await logIn(browser, 'ann@example.org');
    const keys = await real.redis.keys('*');
    expect(keys.map((key) => key.replace(/[\w-]+$/, '')).sort()).toEqual([PREFIX, PREFIX, `${PREFIX}ended:`, `${PREFIX}user-sessions:`]);
    for (const key of keys) {
      expect(await real.redis.ttl(key)).toBeGreaterThan(0);
      expect(key).not.toContain('ann');
    }
    expect(await real.redis.ttl(keys.find((key) => key.includes('ended:')) as string)).toBeLessThanOrEqual(300);
    expect(await real.redis.ttl(keys.find((key) => key.includes('user-sessions:')) as string)).toBeGreaterThan(43_200);
  });
});

describe('sessions of stock connect-redis', () => {
  it('are taken over with their first request, which gives them the cookie of now, and are no session of a user until a login', async () => {
    const { RedisStore } = await import('connect-redis');
    const { default: session } = await import('express-session');
    const secret = 'a secret';
    const stock = session({
      store: new RedisStore({ client, prefix: PREFIX }),
      secret,
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 1_800_000 },
    });
    const [ann] = browsers(1) as [Browser];
    expect(
      (
        await ann.send(stock, (req) => {
          req.session['user'] = 'ann';
        })
      ).setCookie,
    ).toContain('Expires=');
    const { id } = ann;
    const { setCookie } = await ann.send(site.middleware, async (req) => {
      expect(req.session['user']).toBe('ann');
      await expect(site.users.list(req)).rejects.toMatchObject({ name: 'NotLoggedIn' });
    });
    expect(setCookie).toMatch(/Path=\/; HttpOnly$/);
    expect(ann.id).toBe(id);
    expect((await ann.send(site.middleware)).setCookie).toBeUndefined();
    expect(await real.redis.ttl(PREFIX + id)).toBeGreaterThan(1_790);
    // And back, with what the store knows about it, and forth again.
    await ann.send(stock, (req) => {
      req.session['n'] = 1;
    });
    await ann.send(site.middleware, (req) => expect(req.session['n']).toBe(1));
    await logIn(ann);
    expect(await ask(ann, (req) => site.users.list(req))).toHaveLength(1);
    expect(await real.redis.exists(PREFIX + id)).toBe(0);
  });
});

it.each([
  [{ max: 0 }, /^max is 0; it must be a whole number from 1 to 100$/],
  [{ max: 101 }, /^max is 101/],
  [{ max: '3' }, /^max is "3"/],
  [{ userKey: 'short' }, /^userKey must be a text of at least 32 characters/],
  [{ store: {} }, /^store must be a GuardedRedisStore$/],
  [{ client: {} }, /^client has no set/],
])('%j is refused', (wrong, message) => {
  const make = () => createUserSessions({ client, store: site.store, userKey: USER_KEY, ...wrong } as never);
  expect(make).toThrow(expect.objectContaining({ name: 'InvalidOption', message: expect.stringMatching(message) }));
});

it('a request without a session of the store is refused', async () => {
  await expect(site.users.login({ sessionID: 'x' }, 'ann')).rejects.toMatchObject({ name: 'InvalidOption' });
  const [ann] = browsers(1) as [Browser];
  await logIn(ann);
  await ann.send(site.middleware, async (req) => {
    await settle((done) => req.session.save(done));
    await site.users.logout(req);
    await expect(site.users.logout(req)).rejects.toMatchObject({ name: 'InvalidOption' });
  });
});
