/** Habits of applications of express-session, and its other options, with this store. */
import { setTimeout as sleep } from 'node:timers/promises';
import session from 'express-session';
import { beforeEach, describe, expect, it } from 'vitest';
import { GuardedRedisStore } from '../../../session/user-sessions/index.mjs';
import type { RealStore } from '../../functions/sweep/real-store.ts';
import { actionsOn, browsers } from './actions.ts';
import { Browser, type Request, settle } from './browser.ts';
import { onRealStore } from './on-real-store.ts';
import { type Client, createSite, login, PREFIX, type Site } from './site.ts';

let real: RealStore;
let client: Client;
let site: Site;
let ann: Browser;
onRealStore(async (made) => {
  ({ real, client, site, ann } = made);
  await logIn(ann);
});

const { logIn, isLoggedIn, ask } = actionsOn(() => site);
const cookieOf = (req: Request) => (req.session as unknown as { cookie: { maxAge: number | null } }).cookie;
const ttlOf = (browser: Browser) => real.redis.ttl(PREFIX + browser.id);

describe('a save after the answer has ended', () => {
  const afterTheEnd = (work: (req: Request) => Promise<unknown>) =>
    ann.send(site.middleware, async (req) => {
      req.res.end('done');
      await work(req);
    });

  it('without a change is not taken for resave, however often, and the next request is served', async () => {
    for (let request = 1; request <= 4; request += 1) await afterTheEnd((req) => settle((done) => req.session.save(done)));
    expect(await isLoggedIn(ann)).toBe(true);
  });

  it('of what the end has saved is not taken for resave either', async () => {
    for (let request = 1; request <= 4; request += 1)
      await ann.send(site.middleware, async (req) => {
        req.session['n'] = request;
        req.res.end('done');
        await sleep(5);
        await settle((done) => req.session.save(done));
      });
    expect(await isLoggedIn(ann)).toBe(true);
  });

  it('of a new, empty session is not taken for saveUninitialized', async () => {
    for (let request = 1; request <= 4; request += 1)
      await new Browser().send(site.middleware, async (req) => {
        req.res.end('done');
        await settle((done) => req.session.save(done));
      });
    expect(await isLoggedIn(ann)).toBe(true);
  });

  it('stores a change, and after a log-out it is an error', async () => {
    await afterTheEnd((req) => {
      req.session['n'] = 1;
      return settle((done) => req.session.save(done));
    });
    expect(await ask(ann, (req) => req.session['n'])).toBe(1);
    const copy = new Browser(ann.cookie);
    await afterTheEnd(async (req) => {
      await copy.send(site.middleware, (other) => site.users.logout(other));
      req.session['n'] = 2;
      await expect(settle((done) => req.session.save(done))).rejects.toMatchObject({ name: 'SessionEnded' });
    });
    expect(await real.redis.exists(PREFIX + ann.id)).toBe(0);
  });
});

it('an answer that a later middleware ends some time afterwards, as compression does, drops the save of an ended session', async () => {
  const { lateError } = await ann.send(site.middleware, async (req) => {
    const { end } = req.res;
    const ended = Promise.withResolvers<void>();
    req.res.end = ((...words: []) => {
      setImmediate(() => ended.resolve(void end.apply(req.res, words as never)));
    }) as typeof end;
    req.session['n'] = 1;
    await new Browser(ann.cookie).send(site.middleware, (other) => site.users.logout(other));
    req.res.end();
    await ended.promise;
  });
  expect(lateError).toBeUndefined();
  expect(await real.redis.exists(PREFIX + ann.id)).toBe(0);
});

describe('the age of the cookie', () => {
  it('that the application changes is stored with its own save, also where nothing else has changed', async () => {
    await ann.send(site.middleware, (req) => {
      cookieOf(req).maxAge = 600_000;
      return settle((done) => req.session.save(done));
    });
    expect(await ask(ann, (req) => (cookieOf(req).maxAge as number) > 500_000)).toBe(true);
    const { setCookie } = await ann.send(site.middleware, (req) => {
      req.session['n'] = 1;
    });
    expect(setCookie).toContain('Expires=');
  });

  it.each([1_000, 86_400_000])('of %i ms neither shortens nor extends the life in the store', async (maxAge) => {
    site = createSite(client, { session: { cookie: { maxAge }, rolling: true } });
    await logIn(ann);
    expect(await ttlOf(ann)).toBe(1_800);
    const { setCookie } = await ann.send(site.middleware);
    expect(setCookie).toContain('Expires=');
    expect(await ttlOf(ann)).toBe(1_800);
  });
});

describe("unset: 'destroy'", () => {
  beforeEach(() => {
    site = createSite(client, { session: { unset: 'destroy' } });
  });

  it('ends a session whose request has none at its end', async () => {
    await ann.send(site.middleware, (req) => {
      req.session = null as never;
    });
    expect(await isLoggedIn(ann)).toBe(false);
    await logIn(ann);
    expect(await ask(ann, (req) => site.users.list(req))).toHaveLength(1);
  });

  it('leaves the new session of a login and ends the one of a log-out', async () => {
    await logIn(ann);
    expect(await isLoggedIn(ann)).toBe(true);
    await ann.send(site.middleware, (req) => site.users.logout(req));
    expect(await isLoggedIn(ann)).toBe(false);
  });
});

describe("Passport's session manager", () => {
  /** A new id, the user under its own field, a save. */
  const logInByPassport = async (req: Request) => {
    await settle((done) => req.session.regenerate(done));
    req.session['passport'] = { user: 'ann' };
    await settle((done) => req.session.save(done));
  };
  const refused = { name: 'UserSessionsError', message: expect.stringMatching(/^regenerate leaves the list of the user: call login/) };

  it('may log in first: the login of this package takes its field over', async () => {
    const [visitor] = browsers(1) as [Browser];
    await visitor.send(site.middleware, (req) => {
      req.session['basket'] = 1;
    });
    const old = visitor.id;
    await visitor.send(site.middleware, async (req) => {
      await logInByPassport(req);
      await site.users.login(req, 'ann', ['passport']);
    });
    expect(await real.redis.exists(PREFIX + old)).toBe(0);
    expect(await ask(visitor, (req) => req.session['passport'])).toEqual({ user: 'ann' });
    expect(await ask(visitor, (req) => site.users.list(req))).toHaveLength(1);
    expect(await site.users.endAll('ann')).toBe(1);
    expect(await real.redis.exists(PREFIX + visitor.id)).toBe(0);
  });

  it('gets an error where it would leave a logged-in session that no limit and no endAll reaches', async () => {
    await ann.send(site.middleware, async (req) => {
      await site.users.login(req, 'ann');
      await expect(logInByPassport(req)).rejects.toMatchObject(refused);
    });
    // In a later request, and at its log-out, too.
    await ann.send(site.middleware, (req) => expect(logInByPassport(req)).rejects.toMatchObject(refused));
    expect(await ask(ann, (req) => site.users.list(req))).toHaveLength(1);
    expect(await site.users.endAll('ann')).toBe(1);
    expect(await real.redis.keys(`${PREFIX}*`)).toEqual([expect.stringContaining('ended:')]);
  });
});

it('a store that is missing (ENOENT, as of a socket) is an error, and no logged-out user', async () => {
  const getEx = () => Promise.reject(Object.assign(new Error('connect ENOENT /run/valkey.sock'), { code: 'ENOENT' }));
  const store = new GuardedRedisStore({
    client: { getEx, set: client.set, del: client.del },
    prefix: PREFIX,
    idleSeconds: 60,
    absoluteSeconds: 60,
  });
  const middleware = session({ store, secret: 'a secret', resave: false, saveUninitialized: false });
  await expect(ann.send(middleware)).rejects.toMatchObject({ name: 'UserSessionsError', message: 'the store is not available (ENOENT)' });
});

it('a late answer of a request that only read sets no cookie, so it cannot undo a login', async () => {
  const copy = new Browser(ann.cookie);
  const reading = copy.send(site.middleware, () => sleep(20));
  await ann.send(site.middleware, (req) => login(site, req, 'ann'));
  expect((await reading).setCookie).toBeUndefined();
  expect(await isLoggedIn(ann)).toBe(true);
});
