/** What a log-out is worth, against a site in memory whose log-outs a test changes. */
import { beforeEach, describe, expect, it } from 'vitest';
import { parseSetCookie } from '../../../functions/canary/http/cookie-jar.ts';
import { recipeSchema } from '../../../functions/canary/recipe/recipe.ts';
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
    const gone = ['__Host-SID=gone; Path=/; Max-Age=0'].flatMap((line) => parseSetCookie(line) ?? []);
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

describe('the steps of a log-out', () => {
  it('that log nobody out are the fault of the recipe: no finding, and nothing that rests on them holds', async () => {
    const outcomes = await run({ logout: [{ get: '/account' }], slow: [{ get: '/slow' }] });
    expect(findingsIn(outcomes)).toEqual([]);
    expect(ofCheck(outcomes, 'replay-after-logout')).toEqual(['unclear']);
    expect(ofCheck(outcomes, 'late-save-after-logout')).toEqual(['unclear']);
    expect(outcomes).toContainEqual(expect.objectContaining({ what: expect.stringContaining('"logout" log nobody out') }));
  });

  it('are a log-out where the page shows nobody afterwards, also when their last one is refused', async () => {
    const outcomes = await run({ logout: [{ post: '/logout' }, { post: '/goodbye' }] });
    expect(ofCheck(outcomes, 'replay-after-logout')).toEqual(['holds', 'holds']);
  });
});
