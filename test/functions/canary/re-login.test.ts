/** A login of a user who is logged in, at a site that encrypts its cookie anew with each answer, as Laravel does. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { createPace } from '../../../functions/canary/http/pace.ts';
import type { HttpAnswer, Send } from '../../../functions/canary/http/send.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';
import { Site } from '../../../functions/canary/site/site.ts';
import { PASSWORDS, SHOP } from './memory-site.ts';
import { findingsIn, ofCheck } from './outcomes.ts';
import { virtualClock } from './virtual-clock.ts';

const RECIPE = recipeSchema.parse({
  ...SHOP,
  login: [
    { get: '/login', take: { csrf: { input: '_token' } } },
    { post: '/login', form: { user: '{name}', password: '{password}', _token: '{csrf}' } },
  ],
});

/** @param passes whether it leads users who are logged in past the login; otherwise they log in again, and keep their session */
function siteThat(passes: boolean): Send {
  const users = new Map<string, string>();
  const draw = () => randomBytes(16).toString('hex');
  return async ({ method, url, headers, body = '' }) => {
    let id = /SID=\w+-(\w+)/.exec(headers['cookie'] ?? '')?.[1] ?? draw();
    const user = users.get(id);
    const answer = (status: number, page = '', location?: string): HttpAnswer => ({
      ...{ status, body: page, headers: location === undefined ? {} : { location } },
      setCookies: [parseSetCookie(`SID=${draw()}-${id}; Path=/; Secure; HttpOnly`)].flatMap((one) => one ?? []),
    });
    const form = '<input name="_token" value="1">';
    if (url.pathname === '/login' && user !== undefined && (passes || method === 'GET')) return answer(302, '', '/home');
    if (url.pathname === '/login' && method === 'GET') return answer(200, form);
    if (url.pathname === '/login') {
      const fields = new URLSearchParams(body);
      const name = fields.get('user') ?? '';
      if (PASSWORDS.get(name) !== fields.get('password')) return answer(302, '', '/login');
      if (user === undefined) id = draw();
      users.set(id, name);
      return answer(302, '', '/home');
    }
    if (user === undefined) return answer(302, '', '/login');
    if (url.pathname === '/logout') users.delete(id);
    return answer(200, `${form} you are ${user}`);
  };
}

async function run(send: Send) {
  const clock = virtualClock();
  const ports = { pace: createPace(send, clock), clock, passwords: PASSWORDS, jarOf: async () => [] };
  const site = new Site(new URL('https://shop/'), RECIPE, ports);
  return { outcomes: await runCanary({ recipe: RECIPE, base: site.base, extras: [] }, site), logins: site.pace.sent.logins };
}
const reLogin = (names: readonly string[]) => names.filter((name) => name.includes('re-login'));

it('is none where the site leads past it: the id that stays is no finding', async () => {
  const { outcomes } = await run(siteThat(true));
  expect(reLogin(findingsIn(outcomes))).toEqual([]);
  expect(ofCheck(outcomes, 'new-id-at-re-login')).toEqual(['not checked']);
});

it('is one where a wrong password leads elsewhere, also when its page leads away: the id that stays is a finding', async () => {
  const { outcomes, logins } = await run(siteThat(false));
  expect(reLogin(findingsIn(outcomes))).toEqual(['old-id-alive-after-re-login']);
  expect(logins).toBeLessThanOrEqual(20);
});
