/** What a log-out is worth, against a site in memory whose log-outs a test changes. */
import { beforeEach, describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import type { HttpAnswer } from '../../../functions/canary/http/send.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';
import { type MemorySite, memorySite, SHOP } from './memory-site.ts';
import { findingsIn, ofCheck } from './outcomes.ts';

let site: MemorySite;
beforeEach(() => {
  site = memorySite();
});
const run = (more: object = {}) => {
  const recipe = recipeSchema.parse({ ...SHOP, ...more });
  const opened = site.open(recipe);
  return runCanary({ recipe, base: opened.base, extras: [] }, opened);
};

describe('a log-out', () => {
  it('is tried with the id that a step before it has given the session, too', async () => {
    // The last step clears the cookie in the browser alone.
    const gone = ['__Host-SID=gone; Path=/; Secure; Max-Age=0'].flatMap((line) => parseSetCookie(line) ?? []);
    site.instead = ({ url, headers }) => {
      const id = /__Host-SID=([^;]+)/.exec(headers['cookie'] ?? '')?.[1] ?? '';
      const session = site.sessions.get(id);
      if (url.pathname === '/leave') return { status: 204, headers: {}, setCookies: gone, body: '' };
      if (url.pathname !== '/ask' || session === undefined) return undefined;
      const next = `${id.slice(0, 30)}${site.ids.length}rotated`;
      site.sessions.delete(id);
      site.sessions.set(next, session);
      site.ids.push(next);
      const setCookies = [`__Host-SID=${next}; Path=/; Secure; HttpOnly; SameSite=Strict`].flatMap((line) => parseSetCookie(line) ?? []);
      return { status: 200, headers: {}, setCookies, body: 'Really?' };
    };
    const findings = findingsIn(await run({ logout: [{ get: '/ask' }, { post: '/leave' }] }));
    expect([...new Set(findings)]).toEqual(['alive-after-logout']);
  });
});

describe('a log-out of the application alone', () => {
  /** Where nobody is shown, the page redirects to a sign-in, which knows its own users for longer. */
  const withSignIn = (origin: string) => {
    const known = new Map<string, string>();
    const page = (status: number, cookie?: string, location?: string): HttpAnswer => ({
      ...{ status, body: '', headers: location === undefined ? {} : { location } },
      setCookies: [`${cookie}; Path=/; Secure; HttpOnly; SameSite=Strict`].flatMap((line) => (cookie && parseSetCookie(line)) || []),
    });
    site.instead = ({ url, headers }) => {
      const [id, ticket] = ['__Host-SID', 'TICKET'].map((name) => new RegExp(`${name}=([^;]+)`).exec(headers['cookie'] ?? '')?.[1] ?? '');
      const session = site.sessions.get(id as string);
      if (url.pathname === '/remember' && session) {
        known.set(`ticket-of-${id}`, session.user);
        return page(200, `TICKET=ticket-of-${id}`);
      }
      if (url.pathname === '/account' && !session) return page(302, undefined, `${origin}/sign-in`);
      if (url.pathname !== '/sign-in') return undefined;
      const user = known.get(ticket as string);
      if (user === undefined) return page(200);
      const next = `renewed-${site.ids.length}-${ticket}`;
      site.ids.push(next);
      site.sessions.set(next, { user, startedAtMs: site.clock.now(), usedAtMs: site.clock.now() });
      return page(302, `__Host-SID=${next}`, '/home');
    };
  };
  const login = [...SHOP.login, { get: '/remember' }];

  it('is found out where the copied cookies sign in again by themselves', async () => {
    withSignIn('');
    expect(findingsIn(await run({ login }))).toContain('alive-after-logout');
  });

  it('holds where the sign-in asks for a password', async () => {
    withSignIn('');
    expect(ofCheck(await run(), 'replay-after-logout')).toEqual(['holds', 'holds']);
  });

  it('is unclear where the sign-in is at an origin that the recipe does not list', async () => {
    withSignIn('https://sso.example.com');
    const outcomes = await run();
    expect(ofCheck(outcomes, 'replay-after-logout')).toEqual(['holds', 'unclear', 'holds']);
    expect(outcomes).toContainEqual(
      expect.objectContaining({ what: expect.stringContaining('who redirects to https://sso.example.com,') }),
    );
  });
});

describe('the steps of a log-out', () => {
  it('that log nobody out are the fault of the recipe: no finding, and nothing that rests on them holds', async () => {
    const outcomes = await run({ logout: [{ get: '/account' }], slow: [{ get: '/slow' }] });
    expect(findingsIn(outcomes)).toEqual([]);
    expect(ofCheck(outcomes, 'replay-after-logout')).toEqual(['unclear']);
    expect(ofCheck(outcomes, 'late-save-after-logout')).toEqual(['unclear']);
    for (const what of ['"logout" log nobody out', 'is not known: see replay-after-logout'])
      expect(outcomes).toContainEqual(expect.objectContaining({ what: expect.stringContaining(what) }));
  });

  it('are a log-out where the page shows nobody afterwards, also when their last one is refused', async () => {
    const outcomes = await run({ logout: [{ post: '/logout' }, { post: '/goodbye' }] });
    expect(ofCheck(outcomes, 'replay-after-logout')).toEqual(['holds', 'holds']);
  });
});
