/** What a run keeps of the answers: no more than there is room for, and the places of the recipe that they belong to. */
import { describe, expect, it } from 'vitest';
import { transport } from '../../../functions/canary/checks/transport.ts';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { createPace } from '../../../functions/canary/http/pace.ts';
import type { HttpAnswer, Send } from '../../../functions/canary/http/send.ts';
import type { Run } from '../../../functions/canary/run.ts';
import { MOST_KEPT_CHARACTERS, Site } from '../../../functions/canary/site/site.ts';
import { Visitor } from '../../../functions/canary/site/visitor.ts';
import { memoryRecipe, memorySite, SHOP } from './memory-site.ts';

const MEGABYTE = 1_048_576;
const answerOf = (body: string): HttpAnswer => ({ status: 200, headers: { date: 'today' }, setCookies: [], body });

describe('the answers of a run', () => {
  it('are kept with their bodies as long as there is room, and without them afterwards', () => {
    const site = memorySite().open(memoryRecipe());
    const body = 'x'.repeat(MEGABYTE);
    for (let times = 0; times < 300; times += 1) site.note({ place: 'who', url: site.base, answer: answerOf(body) });
    const kept = site.seen.reduce((sum, { answer }) => sum + answer.body.length, 0);
    expect(kept).toBe(MOST_KEPT_CHARACTERS);
    // With two bytes for each character it leaves most of the function's 256 MB.
    expect(2 * kept).toBeLessThan(64 * MEGABYTE);
    expect(site.notKept).toBe(300 - kept / MEGABYTE);
    // Headers and cookies are kept of all.
    expect(site.seen.filter(({ answer }) => answer.headers['date'] === 'today')).toHaveLength(300);
  });

  it('have the addresses of forms, codes and all, at the origins of the recipe alone', async () => {
    const clock = { now: () => 0, sleep: async () => {} };
    const asked: string[] = [];
    const logIn = (origins: string[]) => {
      const send: Send = async ({ method, url }) => {
        asked.push(`${method} ${url.href}`);
        return answerOf('<form id="kc-form-login" action="https://sso.example.com/authenticate?code=a%2Fb&amp;tab=1">');
      };
      const login = [
        { get: '/', take: { action: { action: 'kc-form-login' } } },
        { post: '{action}', form: { password: '{password}' } },
      ];
      const recipe = recipeSchema.parse({ ...SHOP, login, origins });
      const ports = { pace: createPace(send, clock), clock, passwords: new Map(), jarOf: async () => [] };
      return new Visitor(new Site(new URL('https://shop/'), recipe, ports), recipe.users.a).logIn();
    };
    await logIn(['https://sso.example.com']);
    await expect(logIn([])).rejects.toThrow('https://sso.example.com is neither');
    expect(asked).toEqual(['GET https://shop/', 'POST https://sso.example.com/authenticate?code=a%2Fb&tab=1', 'GET https://shop/']);
  });

  it('leave a cookie to later steps, which can take it where no answer sets it again', async () => {
    const site = memorySite();
    const token = { name: 'XSRF-TOKEN', value: 'a%3D', secure: true, httpOnly: false, path: '/' };
    const seen: (string | undefined)[] = [];
    site.instead = ({ url, headers }) => {
      if (url.pathname === '/token') return { ...answerOf(''), setCookies: [token] };
      seen.push(headers['x-xsrf-token']);
      return answerOf('');
    };
    const recipe = recipeSchema.parse({
      ...SHOP,
      login: [
        { get: '/token' },
        { get: '/form', take: { csrf: { cookie: 'XSRF-TOKEN' } } },
        { post: '/login', headers: { 'X-XSRF-TOKEN': '{csrf}' } },
      ],
    });
    await new Visitor(site.open(recipe), recipe.users.a).logIn();
    expect(seen).toEqual([undefined, 'a=']);
  });

  it('belong to places of the recipe, also after redirects to addresses with ids', async () => {
    const recipe = recipeSchema.parse({
      users: { a: { name: 'canary-anna', password: { secret: 'a' } }, b: { name: 'canary-ben', password: { secret: 'b' } } },
      login: [{ get: '/form' }, { post: '/login', json: { password: '{password}' } }],
      who: { get: '/account' },
    });
    const send: Send = async ({ url }) =>
      url.pathname === '/login'
        ? { ...answerOf(''), status: 302, headers: { location: '/home;jsessionid=0123456789ABCDEF' } }
        : answerOf('canary-anna');
    const clock = { now: () => 0, sleep: async () => {} };
    const site = new Site(new URL('https://shop/'), recipe, {
      ...{ pace: createPace(send, clock), clock },
      ...{ passwords: new Map(), jarOf: async () => [] },
    });
    const visitor = new Visitor(site, recipe.users.a);
    await visitor.logIn();
    await visitor.who();
    expect(site.seen.map(({ place }) => place)).toEqual(['login, step 1', 'login, step 2', 'login, step 2 (redirect 1)', 'who']);
  });

  it.each(['/.//evil.example/account', 'https://shop//evil.example/account'])(
    'come by plain HTTP from the site alone, where "who" is %s',
    async (get) => {
      const asked: string[] = [];
      const recipe = recipeSchema.parse({ ...SHOP, who: { get } });
      const opened = memorySite().open(recipe);
      const ask = opened.pace.ask.bind(opened.pace);
      opened.pace.ask = (request, options) => {
        asked.push(request.url.host);
        return ask(request, options);
      };
      await transport.run({ base: opened.base, recipe, site: opened, page: answerOf('') } as unknown as Run);
      expect(asked).toEqual(['shop']);
    },
  );
});
