/** Logins and log-outs, and what they leave in the store, on a real one. */

import { build } from 'esbuild';
import { createCluster } from 'redis';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_SWEEP_SETTINGS } from '../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../functions/sweep/keys/classify-key.ts';
import { createUserSessions } from '../../../session/user-sessions/index.mjs';
import type { RealStore } from '../../functions/sweep/real-store.ts';
import { actionsOn, browsers } from './actions.ts';
import { type Browser, settle } from './browser.ts';
import { onRealStore } from './on-real-store.ts';
import { type Client, createSite, PREFIX, replacing, type Site, USER_KEY } from './site.ts';

let real: RealStore;
let client: Client;
let site: Site;
onRealStore(
  (made) => {
    ({ real, client, site } = made);
  },
  { max: 2 },
);

const { logIn, isLoggedIn, ask, why } = actionsOn(() => site);

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
function refusing(command: string): Client {
  const refuse = () => Promise.reject(new Error('the store is away'));
  const chain = { lPush: () => chain, lRange: () => chain, expire: () => chain, exec: refuse };
  return replacing(client, { [command]: command === 'multi' ? () => chain : refuse });
}

describe('what is in the store', () => {
  it('has a life each, names no user, and no id outside the session and the list', async () => {
    const three = browsers(3);
    for (const browser of three) await logIn(browser, 'annabel.lee@example.org');
    const keys = await real.redis.keys('*');
    expect(keys.map((key) => key.replace(/[\w-]+$/, '')).sort()).toEqual([PREFIX, PREFIX, `${PREFIX}ended:`, `${PREFIX}user-sessions:`]);
    // As a sweep, and so the collector, counts them.
    const classify = createClassify({ ...DEFAULT_SWEEP_SETTINGS, keyPrefixes: [{ prefix: PREFIX }] });
    const roles = await Promise.all(keys.map(async (key) => classify(key, await real.redis.type(key))[0]?.rule.role));
    expect(roles.sort()).toEqual(['companion', 'companion', 'session', 'session']);
    for (const key of keys) {
      expect(await real.redis.ttl(key)).toBeGreaterThan(0);
      // Long enough that no random id contains it.
      expect(key).not.toContain('annabel');
    }
    expect(await real.redis.ttl(keys.find((key) => key.includes('ended:')) as string)).toBeLessThanOrEqual(300);
    expect(await real.redis.ttl(keys.find((key) => key.includes('user-sessions:')) as string)).toBeGreaterThan(43_200);
  });
});

it.each([
  [{ max: 0 }, /^max is 0; it must be a whole number from 1 to 100$/],
  [{ max: 101 }, /^max is 101/],
  [{ max: '3' }, /^max is "3"/],
  [{ userKey: 'short' }, /^userKey must be a text of at least 32 characters/],
  [{ store: {} }, /^store must be a GuardedRedisStore$/],
  [{ client: {} }, /^client has no set/],
  [{ client: createCluster({ rootNodes: [{}], useReplicas: true }) }, /^client reads from replicas \(useReplicas\)/],
])('%j is refused', (wrong, message) => {
  const make = () => createUserSessions({ client, store: site.store, userKey: USER_KEY, ...wrong } as never);
  expect(make).toThrow(expect.objectContaining({ name: 'InvalidOption', message: expect.stringMatching(message) }));
});

it('errors keep their names in code that a bundler has made smaller', async () => {
  const { outputFiles } = await build({
    entryPoints: ['session/user-sessions/errors.mjs'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
  });
  const errors = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text as string)}`);
  expect(Object.keys(errors)).toHaveLength(8);
  for (const [name, made] of Object.entries(errors)) if (/^[A-Z]/.test(name)) expect(new (made as typeof Error)('x').name).toBe(name);
});

it('nobody asks the store why a session has ended that was begun a moment ago', async () => {
  const get = vi.fn(client.get.bind(client));
  site = createSite(replacing(client, { get }));
  const [visitor] = browsers(1) as [Browser];
  expect(await why(visitor)).toBeUndefined();
  expect(get).not.toHaveBeenCalled();
  visitor.cookie = (await visitorCookie()) ?? '';
  expect(await why(visitor)).toBeUndefined();
  expect(get).toHaveBeenCalledOnce();
});

/** The cookie of a session that no longer exists. */
async function visitorCookie() {
  const [ann] = browsers(1) as [Browser];
  await logIn(ann);
  await real.redis.flushall();
  return ann.cookie;
}

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
