/** Options of express-session and of the store that undo its work, on a real one. */
import session from 'express-session';
import { describe, expect, it } from 'vitest';
import { GuardedRedisStore } from '../../../session/user-sessions/index.mjs';
import type { RealStore } from '../../functions/sweep/real-store.ts';
import { Browser, type Request, settle } from './browser.ts';
import { onRealStore } from './on-real-store.ts';
import { type Client, createSite, login, PREFIX, type Site } from './site.ts';

let real: RealStore;
let client: Client;
let site: Site;
let ann: Browser;
onRealStore((made) => {
  ({ real, client, site, ann } = made);
});

const begin = (browser: Browser) => browser.send(site.middleware, (req) => login(site, req, 'ann'));
/** A session without a login. */
const beginOfNobody = () =>
  ann.send(site.middleware, (req) => {
    req.session['basket'] = 1;
  });

describe('options that undo it', () => {
  it.each([
    ['resave', true],
    ['saveUninitialized', false],
  ])('%s: true fails each save that shows it, which stores nothing, and after three of them every request', async (option, hasSession) => {
    if (hasSession) await begin(ann);
    const before = await real.redis.dbsize();
    const other = createSite(client, { session: { [option]: true } });
    const refused = { name: 'InvalidOption', message: expect.stringContaining(`option ${option} must be false`) };
    for (let request = 1; request <= 3; request += 1) {
      const { lateError } = await (hasSession ? ann : new Browser()).send(other.middleware);
      expect(lateError).toMatchObject(refused);
    }
    expect(await real.redis.dbsize()).toBe(before);
    await begin(ann);
    await expect(ann.send(other.middleware)).rejects.toMatchObject(refused);
  });

  it('are ruled out by one request that resave: true would have saved', async () => {
    await begin(ann);
    const other = session({ store: site.store, secret: 'a secret', resave: true, saveUninitialized: false });
    await ann.send(site.middleware);
    for (let request = 1; request <= 4; request += 1) expect((await ann.send(other)).lateError).toMatchObject({ name: 'InvalidOption' });
    expect((await ann.send(site.middleware)).lateError).toBeUndefined();
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

  it.each<[string, (req: Request) => Promise<void>]>([
    ['a new id without a login', (req) => settle((done) => req.session.regenerate(done))],
    [
      'a session that the application generates after the end of another',
      async (req) => {
        const { store } = site as unknown as { store: { generate(of: Request): void } };
        await settle((done) => req.session.destroy(done));
        store.generate(req);
      },
    ],
  ])('%s is none of them, however often', async (_, handler) => {
    for (let request = 1; request <= 4; request += 1) {
      await beginOfNobody();
      expect((await ann.send(site.middleware, handler)).lateError).toBeUndefined();
    }
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
});
