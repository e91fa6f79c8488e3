/** The list of a user's sessions, and sessions that stock connect-redis began, on a real store. */
import { describe, expect, it } from 'vitest';
import type { RealStore } from '../../functions/sweep/real-store.ts';
import { actionsOn, browsers } from './actions.ts';
import { Browser } from './browser.ts';
import { onRealStore } from './on-real-store.ts';
import { type Client, PREFIX, type Site } from './site.ts';

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

  it('lets no ended session end others while it is still in the list', async () => {
    const [ann, bob] = browsers(2) as [Browser, Browser];
    await logIn(ann);
    await logIn(bob);
    const [current] = await ask(bob, (req) => site.users.list(req));
    await ann.send(site.middleware, async (req) => {
      // As between the two commands of the request that ended it.
      await real.redis.del(PREFIX + ann.id);
      await expect(site.users.endOthers(req)).rejects.toMatchObject({ name: 'SessionEnded' });
      await expect(site.users.end(req, current?.handle as string)).rejects.toMatchObject({ name: 'SessionEnded' });
    });
    expect(await isLoggedIn(bob)).toBe(true);
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
    // A large one is taken over as well, and can only become smaller.
    const bob = new Browser();
    await bob.send(stock, (req) => {
      req.session['basket'] = 'x'.repeat(70_000);
    });
    expect((await bob.send(site.middleware)).lateError).toBeUndefined();
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
