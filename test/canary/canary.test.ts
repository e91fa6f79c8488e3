/** The Node examples over HTTPS, two servers each: what is hardened has no finding, and what is not has exactly its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFinder } from '../leaks/find-secrets.ts';
import { examine, KNOWN } from './examine.ts';
import { type NodeSites, startNodeSites } from './node-sites.ts';
import { USERS } from './recipes.ts';

let sites: NodeSites;
beforeAll(async () => {
  sites = await startNodeSites();
});
afterAll(() => sites.stop());

describe('the canary', () => {
  it.each(['hardened-node-app', 'node-app'] as const)('finds in %s exactly what it lacks, and prints no secret', async (example) => {
    const { report, findings, front } = await examine(sites, example);
    expect(findings).toEqual(KNOWN[example]);
    expect(report.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
    const race = report.lines.find(({ check }) => check === 'logins-at-once');
    // Above the limit of a site that has one it is a notice.
    expect(race?.result).toBe(example === 'hardened-node-app' ? 'holds' : 'notice');
    expect(report.sent.logins).toBeLessThanOrEqual(20);
    const finder = createFinder([
      ...[...front.ids].map((value) => ({ kind: 'id', value })),
      ...Object.values(USERS).map((value) => ({ kind: 'password', value })),
    ]);
    expect(finder.size).toBeGreaterThan(10);
    expect(finder.find(JSON.stringify(report))).toEqual([]);
  });
});
