/** What a store of sessions does with saves, times and sizes, on a real store. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuardedRedisStore } from '../../../session/user-sessions/index.mjs';
import { type RealStore, startStore } from '../../functions/sweep/real-store.ts';
import { Browser, settle } from './browser.ts';
import { type Client, connectClient, createSite, login, PREFIX, type Site } from './site.ts';

let real: RealStore;
let client: Client;
let site: Site;
let ann: Browser;
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
  site = createSite(client);
  ann = new Browser();
});
afterEach(() => vi.useRealTimers());

const keyOf = (browser: Browser) => PREFIX + browser.id;
const begin = (browser: Browser, on = site) => browser.send(on.middleware, (req) => login(on, req, 'ann'));
const calls = async () => Number(/total_commands_processed:(\d+)/.exec(await real.redis.info('stats'))?.[1]);

describe('a request', () => {
  it('that changes nothing costs one command, which renews the session, and sets no cookie', async () => {
    await begin(ann);
    await real.redis.expire(keyOf(ann), 100);
    const before = await calls();
    const { setCookie } = await ann.send(site.middleware, (req) => expect(req.session['user']).toBe('ann'));
    // INFO itself is the other one.
    expect((await calls()) - before).toBe(2);
    expect(await real.redis.ttl(keyOf(ann))).toBe(1_800);
    expect(setCookie).toBeUndefined();
  });

  it('that changes something stores value and time in one command', async () => {
    await begin(ann);
    const before = await calls();
    await ann.send(site.middleware, (req) => {
      req.session['n'] = 1;
    });
    expect((await calls()) - before).toBe(3);
    await ann.send(site.middleware, (req) => expect(req.session['n']).toBe(1));
  });

  it('of a visitor who has no session leaves nothing in the store', async () => {
    expect((await ann.send(site.middleware)).setCookie).toBeUndefined();
    expect(await real.redis.dbsize()).toBe(0);
  });

  it('cannot name a key that is no session', async () => {
    await begin(ann);
    for (const key of ['user-sessions:x', 'ended:x', '']) expect(await site.store.get(key)).toBeNull();
    await expect(site.store.set('user-sessions:x', {} as never)).rejects.toThrow('not one that this store has begun');
  });

  it('shows the application nothing of what the store knows about the session, and takes nothing of it from there', async () => {
    await begin(ann);
    await ann.send(site.middleware, (req) => {
      expect(Object.keys(req.session).sort()).toEqual(['cookie', 'user']);
      Object.assign(req.session, { userSessions: { startedAt: 1, user: 'x' } });
    });
    await ann.send(site.middleware, async (req) => {
      expect(Object.keys(req.session)).not.toContain('userSessions');
      expect(await site.users.list(req)).toHaveLength(1);
    });
  });
});

describe('a late save', () => {
  it.each(['logout', 'destroy', 'regenerate'] as const)('does not bring a session back after %s', async (how) => {
    await begin(ann);
    const key = keyOf(ann);
    const { lateError } = await ann.send(site.middleware, async (req) => {
      req.session['n'] = 1;
      await new Browser(ann.cookie).send(site.middleware, (other) =>
        how === 'logout' ? site.users.logout(other) : settle((done) => other.session[how === 'destroy' ? 'destroy' : 'regenerate'](done)),
      );
    });
    expect(lateError).toBeUndefined();
    expect(await real.redis.exists(key)).toBe(0);
  });

  it('of the application itself is an error, and the end of its answer is none', async () => {
    await begin(ann);
    await ann.send(site.middleware, async (req) => {
      await real.redis.del(keyOf(ann));
      req.session['n'] = 1;
      await expect(settle((done) => req.session.save(done))).rejects.toMatchObject({ name: 'SessionEnded' });
    });
    expect(await real.redis.dbsize()).toBe(1);
  });

  it('does not create a session whose creation was not answered', async () => {
    const set = vi.fn(async () => Promise.reject(new Error('no answer')));
    const broken = createSite(new Proxy(client, { get: (target, name) => (name === 'set' ? set : target[name].bind?.(target)) }));
    await ann.send(broken.middleware, async (req) => {
      req.session['n'] = 1;
      await expect(settle((done) => req.session.save(done))).rejects.toThrow('no answer');
      req.session['n'] = 2;
    });
    expect((set.mock.calls as unknown as [string, string, { condition: string }][]).map(([, , options]) => options.condition)).toEqual([
      'NX',
      'XX',
    ]);
  });
});

describe('time-outs', () => {
  it('end a session at its absolute age, however much it is used, and never promise more in the store', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await begin(ann);
    vi.setSystemTime(Date.now() + 43_000_000);
    await ann.send(site.middleware, (req) => {
      expect(req.session['user']).toBe('ann');
      req.session['n'] = 1;
    });
    expect(await real.redis.ttl(keyOf(ann))).toBeLessThanOrEqual(200);
    vi.setSystemTime(Date.now() + 200_000);
    const key = keyOf(ann);
    await ann.send(site.middleware, (req) => expect(req.session['user']).toBeUndefined());
    expect(await real.redis.exists(key)).toBe(0);
  });

  it('count from the login anew', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await begin(ann);
    vi.setSystemTime(Date.now() + 43_000_000);
    await begin(ann);
    vi.setSystemTime(Date.now() + 43_000_000);
    await ann.send(site.middleware, (req) => expect(req.session['user']).toBe('ann'));
  });
});

describe('a session that is too large', () => {
  it('is refused by its size and its largest field, and what was stored stays', async () => {
    await begin(ann);
    await ann.send(site.middleware, async (req) => {
      req.session['basket'] = 'é'.repeat(40_000);
      await expect(settle((done) => req.session.save(done))).rejects.toMatchObject({
        name: 'SessionTooLarge',
        message: expect.stringMatching(
          /^the session has 80\d{3} bytes, and the maximum is 65536; its largest field is basket with 80002 bytes$/,
        ),
      });
      delete req.session['basket'];
    });
    await ann.send(site.middleware, (req) => expect(req.session['user']).toBe('ann'));
  });
});

describe('a new session', () => {
  it('with the id of another one is refused, again and again, and the other one stays', async () => {
    await begin(ann);
    const same = createSite(client, { session: { genid: () => ann.id } });
    await new Browser().send(same.middleware, async (req) => {
      for (const user of ['eve', 'mallory']) {
        req.session['user'] = user;
        await expect(settle((done) => req.session.save(done))).rejects.toMatchObject({ name: 'InvalidOption' });
      }
    });
    await ann.send(site.middleware, (req) => expect(req.session['user']).toBe('ann'));
  });
});

describe('options that undo it', () => {
  it.each([
    ['resave', true],
    ['saveUninitialized', false],
  ])('%s: true is refused from the first request that shows it on', async (option, hasSession) => {
    if (hasSession) await begin(ann);
    const other = createSite(client, { session: { [option]: true } });
    const { lateError } = await ann.send(other.middleware);
    const refused = { name: 'InvalidOption', message: expect.stringContaining(`option ${option} must be false`) };
    expect(lateError).toMatchObject(refused);
    await begin(ann);
    await expect(ann.send(other.middleware)).rejects.toMatchObject(refused);
  });

  it.each([
    ['a save without a change', (req) => settle((done) => req.session.save(done))],
    [
      'a touch and a save without a change',
      (req) => {
        req.session.touch();
        return settle((done) => req.session.save(done));
      },
    ],
    [
      'a reload of what another request has changed',
      async (req) => {
        await new Browser(ann.cookie).send(site.middleware, (other) => {
          other.session['n'] = 1;
        });
        await settle((done) => req.session.reload(done));
      },
    ],
    ['a new id without a login', (req) => settle((done) => req.session.regenerate(done))],
    [
      'a change that is taken back after a save',
      async (req) => {
        req.session['n'] = 1;
        await settle((done) => req.session.save(done));
        delete req.session['n'];
      },
    ],
  ] satisfies [string, Parameters<Browser['send']>[1]][])('%s is none of them', async (_, handler) => {
    await begin(ann);
    expect((await ann.send(site.middleware, handler)).lateError).toBeUndefined();
    await ann.send(site.middleware);
  });

  const VALID = { prefix: PREFIX, idleSeconds: 1_800, absoluteSeconds: 43_200 };
  it.each([
    [{ prefix: 'sess' }, /^prefix is "sess"; it must end in a colon/],
    [{ prefix: ':' }, /^prefix is ":"/],
    [{ prefix: undefined }, /^prefix is undefined/],
    [{ idleSeconds: 0 }, /^idleSeconds is 0; it must be a whole number from 1/],
    [{ absoluteSeconds: 1_799 }, /^absoluteSeconds is 1799; it must be a whole number from 1800/],
    [{ maxBytes: 12 }, /^maxBytes is 12/],
    [{ client: {} }, /^client has no getEx/],
  ])('%j is refused', (wrong, message) => {
    const make = () => new GuardedRedisStore({ client, ...VALID, ...wrong } as never);
    expect(make).toThrow(expect.objectContaining({ name: 'InvalidOption', message: expect.stringMatching(message) }));
  });

  it('lists and clears nothing', async () => {
    const { store } = site as unknown as { store: Record<string, (done?: unknown) => Promise<unknown>> };
    for (const name of ['all', 'ids', 'length', 'clear']) await expect(store[name]?.()).rejects.toThrow('does not list or clear');
  });
});

describe('what cannot be read', () => {
  it.each(['{"secret', '42', 'null', '{"user":"ann"}'])('%s is an error that quotes nothing of it', async (text) => {
    await begin(ann);
    await real.redis.set(keyOf(ann), text);
    await expect(ann.send(site.middleware)).rejects.toThrow('a session of another format cannot be deserialized');
  });
});
