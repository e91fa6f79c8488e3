/** What a store of sessions does with saves, times and sizes, on a real store. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RealStore } from '../../functions/sweep/real-store.ts';
import { Browser, settle } from './browser.ts';
import { onRealStore } from './on-real-store.ts';
import { type Client, createSite, login, PREFIX, replacing, type Site } from './site.ts';

let real: RealStore;
let client: Client;
let site: Site;
let ann: Browser;
onRealStore((made) => {
  ({ real, client, site, ann } = made);
});
afterEach(() => vi.useRealTimers());

const keyOf = (browser: Browser) => PREFIX + browser.id;
const begin = (browser: Browser, on = site) => browser.send(on.middleware, (req) => login(on, req, 'ann'));
/** A session without a login. */
const beginOfNobody = () =>
  ann.send(site.middleware, (req) => {
    req.session['basket'] = 1;
  });
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
    const { lateError } = await ann.send(site.middleware, (req) => {
      expect(Object.keys(req.session).sort()).toEqual(['cookie', 'user']);
      Object.assign(req.session, { userSessions: { startedAt: 1, user: 'x' } });
    });
    expect(lateError).toMatchObject({ name: 'InvalidArgument', message: expect.stringContaining('field userSessions') });
    await ann.send(site.middleware, async (req) => {
      expect(Object.keys(req.session)).not.toContain('userSessions');
      expect(await site.users.list(req)).toHaveLength(1);
    });
  });
});

describe('a late save', () => {
  it.each(['logout', 'destroy', 'regenerate'] as const)('does not bring a session back after %s', async (how) => {
    await (how === 'regenerate' ? beginOfNobody() : begin(ann));
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
    const broken = createSite(replacing(client, { set }));
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

describe('a change that is taken back', () => {
  it.each([
    ['while the save of it is on its way', undefined],
    ['after a save without a reply', 'no reply'],
  ])('%s is stored', async (_, lost) => {
    await begin(ann);
    const set = async (...words: unknown[]) => {
      await client.set(...words);
      if (lost) throw new Error(lost);
    };
    const other = lost ? createSite(replacing(client, { set })) : site;
    await ann.send(other.middleware, async (req) => {
      req.session['n'] = 1;
      const saved = settle((done) => req.session.save(done)).catch(() => undefined);
      if (lost) await saved;
      delete req.session['n'];
      await settle((done) => req.session.save(done)).catch(() => undefined);
      await saved;
    });
    await ann.send(site.middleware, (req) => expect(req.session['n']).toBeUndefined());
  });

  it('is stored too where the reply to an earlier save comes between two later ones', async () => {
    await begin(ann);
    const replies: (() => void)[] = [];
    const set = async (...words: unknown[]) => {
      const reply = await client.set(...words);
      await new Promise<void>((resolve) => replies.push(resolve));
      return reply;
    };
    const slow = createSite(replacing(client, { set }));
    await ann.send(slow.middleware, async (req) => {
      const saves = [];
      for (const n of [1, 2]) {
        req.session['n'] = n;
        saves.push(settle((done) => req.session.save(done)));
      }
      await vi.waitFor(() => expect(replies).toHaveLength(2));
      replies[0]?.();
      await saves[0];
      req.session['n'] = 1;
      saves.push(settle((done) => req.session.save(done)));
      await vi.waitFor(() => expect(replies).toHaveLength(3));
      for (const reply of replies) reply();
      await Promise.all(saves);
    });
    await ann.send(site.middleware, (req) => expect(req.session['n']).toBe(1));
  });
});

describe('time-outs', () => {
  it('end a session at its absolute age, however much it is used, and a save near its end gives it no more time in the store', async () => {
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

describe('what cannot be read', () => {
  it.each(['{"secret', '42', 'null', '{"user":"ann"}'])('%s is an error that quotes nothing of it', async (text) => {
    await begin(ann);
    await real.redis.set(keyOf(ann), text);
    await expect(ann.send(site.middleware)).rejects.toThrow('a session of another format cannot be deserialized');
  });
});

it('lists and clears nothing', async () => {
  const { store } = site as unknown as { store: Record<string, (done?: unknown) => Promise<unknown>> };
  for (const name of ['all', 'ids', 'length', 'clear']) await expect(store[name]?.()).rejects.toThrow('does not list or clear');
});
