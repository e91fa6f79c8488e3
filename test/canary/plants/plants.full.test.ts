/** Each planted weakness is found in each Node example, and nothing that is not there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FULL } from '../../e2e/full-run.ts';
import { examine, KNOWN, withCompanions } from '../examine.ts';
import { type NodeSites, startNodeSites } from '../node-sites.ts';
import { PLANTS } from './plants.ts';

let sites: NodeSites;
beforeAll(async () => {
  sites = await startNodeSites();
});
afterAll(() => sites.stop());

describe.skipIf(!FULL).each(['hardened-node-app', 'node-app'] as const)('%s', (example) => {
  it.each(Object.keys(PLANTS) as (keyof typeof PLANTS)[])('%s is found, and nothing else', async (planted) => {
    const { findings } = await examine(sites, example, planted);
    expect(findings).toContain(planted);
    expect(findings.filter((one) => !withCompanions(planted).includes(one) && !KNOWN[example].some((known) => known === one))).toEqual([]);
  });
});
