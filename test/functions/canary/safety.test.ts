/** The limits, and recipes that do not work, against a site that is made for each. */
import { describe, expect, it } from 'vitest';
import { NoAnswer } from '../../../functions/canary/contract/errors.ts';
import { type Recipe, recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { createPace, MOST_LOGINS } from '../../../functions/canary/http/pace.ts';
import type { HttpAnswer, HttpRequest, Send } from '../../../functions/canary/http/send.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import { planRun, runCanary } from '../../../functions/canary/run-canary.ts';
import { Site } from '../../../functions/canary/site/site.ts';
import { virtualClock } from './virtual-clock.ts';

const answer = (status: number, body = '', more: { location?: string; cookie?: string } = {}): HttpAnswer => ({
  status,
  headers: more.location === undefined ? {} : { location: more.location },
  setCookies: more.cookie === undefined ? [] : [parseSetCookie(more.cookie)].flatMap((one) => one ?? []),
  body,
});

const RECIPE = {
  users: { a: { name: 'anna', password: { environment: 'A' } }, b: { name: 'ben-2', password: { environment: 'B' } } },
  login: [{ post: '/login', json: { user: '{name}', password: '{password}' } }],
  who: { get: '/who' },
  logout: [{ post: '/logout' }],
};

/** A site with sessions in memory, which works but for what `change` does first. */
function siteOf(change: (asked: HttpRequest, ordinary: () => HttpAnswer) => HttpAnswer | Promise<HttpAnswer>): Send {
  const sessions = new Map<string, string>();
  const passwords: Record<string, string> = { anna: 'right-password-a', 'ben-2': 'right-password-b' };
  let last = 0;
  const ordinary = ({ url, headers, body }: HttpRequest): HttpAnswer => {
    const id = /SID=([^;]+)/.exec(headers['cookie'] ?? '')?.[1] ?? '';
    if (url.pathname === '/login') {
      const { user, password } = JSON.parse(body ?? '{}') as { user: string; password: string };
      if (passwords[user] !== password) return answer(401);
      const fresh = `${`${++last}`.padStart(4, '0')}${'k'.repeat(28)}`;
      sessions.set(fresh, user);
      return answer(200, '', { cookie: `SID=${fresh}; Path=/; HttpOnly` });
    }
    if (url.pathname === '/logout') {
      sessions.delete(id);
      return answer(204);
    }
    return sessions.has(id) ? answer(200, `hello ${sessions.get(id)}`) : answer(401);
  };
  return async (asked) => change(asked, () => ordinary(asked));
}

async function run(send: Send, more: object = {}) {
  const recipe: Recipe = recipeSchema.parse({ ...RECIPE, ...more });
  const clock = virtualClock();
  const base = new URL('https://shop/');
  const pace = createPace(send, clock);
  const passwords = new Map([
    ['anna', 'right-password-a'],
    ['ben-2', 'right-password-b'],
  ]);
  const site = new Site(base, recipe, { pace, clock, passwords, jarOf: async () => [] });
  return { outcomes: await runCanary({ base, recipe, extras: [] }, site), pace, clock };
}

describe('a recipe that does not work is never a pass', () => {
  const isLogin = ({ url }: HttpRequest) => url.pathname === '/login';
  it.each<[string, Parameters<typeof siteOf>[0], object, RegExp]>([
    [
      'a wrong password',
      (asked, ordinary) => (isLogin(asked) ? answer(401) : ordinary()),
      {},
      /login of user a .* shows nobody, not user a/,
    ],
    [
      'any password',
      (asked, ordinary) => (isLogin(asked) ? siteAnyPassword(asked) : ordinary()),
      {},
      /shows nobody, not user a|wrong password/,
    ],
    ['a login page with 200', () => answer(200, '<form>log in</form>'), {}, /shows nobody, not user a/],
    ['a page that shows the user to everyone', () => answer(200, 'anna'), {}, /without a login is shown user a/],
    [
      'a redirect to another origin',
      (asked, ordinary) => (isLogin(asked) ? answer(302, '', { location: 'https://sso.example.com/x?id=1' }) : ordinary()),
      {},
      /redirects to https:\/\/sso\.example\.com,/,
    ],
    [
      'redirects in a circle',
      (asked, ordinary) => (asked.url.pathname === '/circle' || isLogin(asked) ? answer(302, '', { location: '/circle' }) : ordinary()),
      {},
      /redirects more than 8 times/,
    ],
    [
      'HTML instead of JSON',
      (asked, ordinary) => (isLogin(asked) ? answer(200, '<html>') : ordinary()),
      { login: [{ post: '/login', json: {}, take: { t: { json: 'token' } } }] },
      /login, step 1: \{t\} is not in the answer/,
    ],
    [
      'a value that no step takes',
      (_, ordinary) => ordinary(),
      { login: [{ post: '/login', json: { t: '{token}' } }] },
      /\{token\} has no value/,
    ],
    ['a server that hangs', () => Promise.reject(new NoAnswer('GET https://shop/who', 'ETIMEDOUT', 'none within 10 s')), {}, /no answer/],
    ['a server that fails', () => answer(500), {}, /shown an error/],
    ['a lockout', (asked, ordinary) => (isLogin(asked) ? answer(429) : ordinary()), {}, /answered 429/],
    [
      'a user without a cookie',
      (asked, ordinary) => (asked.url.pathname === '/who' ? byTurns() : ordinary()),
      {},
      /without any cookie|not user|wrong password/,
    ],
  ])('%s', async (_, change, more, message) => {
    await expect(run(siteOf(change), more)).rejects.toThrow(message);
    await expect(run(siteOf(change), more)).rejects.toThrow(expect.objectContaining({ name: 'RecipeFailed' }));
  });

  const siteAnyPassword = ({ body }: HttpRequest) => {
    const { user } = JSON.parse(body ?? '{}') as { user: string };
    return answer(200, '', { cookie: `SID=${user}; Path=/` });
  };
  let turn = 0;
  const byTurns = () => answer(200, turn++ === 0 ? '' : 'anna');
});

describe('a run', () => {
  it('goes through every check of a site, and ends its sessions', async () => {
    const ended: string[] = [];
    const send = siteOf((asked, ordinary) => {
      if (asked.url.pathname === '/logout') ended.push(asked.headers['cookie'] ?? '');
      return ordinary();
    });
    const { outcomes, pace, clock } = await run(send, { policy: { sessionsPerUser: 8 } });
    expect(outcomes.filter((one) => one.is === 'notChecked' && one.unclear)).toEqual([]);
    expect(outcomes.flatMap((one) => (one.is === 'finding' ? [one.finding] : [])).sort()).toEqual([
      'cookie-not-secure',
      'cookie-sent-cross-site',
      'cookie-without-prefix',
      'id-predictable',
      'id-too-short',
      'no-hsts',
      'old-id-alive-after-re-login',
      'page-cacheable',
      'plain-http-served',
      'sessions-not-limited',
    ]);
    expect(pace.sent.logins).toBeLessThanOrEqual(MOST_LOGINS);
    expect(ended.length).toBeGreaterThan(10);
    expect(clock.now()).toBeGreaterThan(1_065_000);
  });

  it('takes a login that is refused to a logged-in user for none, as with Tomcat, whose form has no page for one', async () => {
    const send = siteOf((asked, ordinary) =>
      asked.url.pathname === '/login' && /SID=\d{4}k{28}$/.test(asked.headers['cookie'] ?? '') ? answer(404) : ordinary(),
    );
    const { outcomes } = await run(send);
    expect(outcomes.filter((one) => one.is === 'finding' && one.finding.includes('re-login'))).toEqual([]);
    expect(outcomes).toContainEqual({
      is: 'notChecked',
      check: 'new-id-at-re-login',
      what: 'a step of the login is refused to a user who is logged in, and the id stays',
    });
  });

  it('that is stopped reports the rest as not checked, and sends nothing more', async () => {
    let asked = 0;
    const { outcomes, pace } = await run(siteOf((_, ordinary) => (++asked > 20 ? answer(429) : ordinary())));
    expect(pace.sent.requests).toBe(21);
    expect(outcomes.filter((one) => one.is === 'notChecked' && one.unclear).length).toBeGreaterThan(2);
    expect(outcomes.some((one) => one.is === 'holds' && ['replay-after-logout', 'id-exposure', 'id-strength'].includes(one.check))).toBe(
      false,
    );
  });

  it('takes a login that was accepted before for locked when it is refused', async () => {
    let logins = 0;
    const { outcomes } = await run(
      siteOf((asked, ordinary) => (asked.url.pathname === '/login' && ++logins > 3 ? answer(401) : ordinary())),
    );
    expect(outcomes.some((one) => one.is === 'notChecked' && one.what.includes('the account may be locked'))).toBe(true);
  });

  it('plans at most 20 logins', () => {
    const plan = (limit: number) =>
      planRun({
        base: new URL('https://shop/'),
        recipe: recipeSchema.parse({ ...RECIPE, slow: [{ get: '/slow' }], policy: { sessionsPerUser: limit } }),
        extras: ['race'],
      });
    expect(plan(8).logins).toBeLessThanOrEqual(MOST_LOGINS);
    expect(plan(9).checks).toContainEqual({ check: 'session-limit', whyNot: expect.stringContaining('too many logins') });
  });
});
