/** The Node examples over HTTPS, two servers each: what is hardened has no finding, and what is not has exactly its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFinder } from '../leaks/find-secrets.ts';
import { type NodeSites, startNodeSites } from './node-sites.ts';
import { recipeOf, USERS } from './recipes.ts';
import { findingsOf, runQuickly } from './run-quickly.ts';

const POLICY = { sessionsPerUser: 3, sameSite: 'Strict' } as const;

let sites: NodeSites;
beforeAll(async () => {
  sites = await startNodeSites();
});
afterAll(() => sites.stop());

describe('the canary', () => {
  it.each([
    ['hardened-node-app', []],
    ['node-app', ['cookie-without-prefix', 'no-hsts', 'revived-by-late-save', 'sessions-not-limited']],
  ] as const)('of %s finds %j, and prints no secret', async (example, expected) => {
    const front = await sites.front(example);
    const recipe = recipeOf({ httpUrl: front.httpUrl, policy: POLICY });
    const report = await runQuickly({ url: front.url, recipe, ca: sites.ca, extras: ['race', 'samples'] });
    expect(findingsOf(report)).toEqual(expected);
    expect(report.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
    expect(report.sent.logins).toBeLessThanOrEqual(20);
    const finder = createFinder([
      ...[...front.ids].map((value) => ({ kind: 'id', value })),
      ...Object.values(USERS).map((value) => ({ kind: 'password', value })),
    ]);
    expect(finder.size).toBeGreaterThan(10);
    expect(finder.find(JSON.stringify(report))).toEqual([]);
  });
});
