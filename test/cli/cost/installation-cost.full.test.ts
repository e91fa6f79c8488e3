/** What docs/cost.md says that whole installations cost is what their templates have. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readAssembly } from '../../../cli/cost/assembly.ts';
import { type Cost, estimateCost } from '../../../cli/cost/estimate-cost.ts';
import { withTable } from '../../docs/figures-pages.ts';
import { adopted, EXISTING_INSTANCES, storeAlone } from '../../infra/adopted-configs.ts';
import { AWS_CONFIG, REPOSITORY, SynthesizedApp } from '../../infra/synthesized.ts';

type Config = Parameters<typeof SynthesizedApp.create>[0];

async function costOf(config: Config, options: Parameters<typeof estimateCost>[1]): Promise<Cost> {
  const app = await SynthesizedApp.create(config);
  try {
    return estimateCost(await readAssembly(app.folder), options);
  } finally {
    await app.remove();
  }
}

const TWENTY: Config = { fleets: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`shop-${at + 10}`, { allowPlainHttp: true }])) };

it('prints the figures of docs/cost.md for whole installations', async () => {
  const costs = {
    'a store alone': await costOf(storeAlone(), {}),
    'one fleet of 500 created servers': await costOf(AWS_CONFIG, { servers: 500 }),
    'one fleet of 500 existing servers': await costOf(adopted(EXISTING_INSTANCES), { servers: 500 }),
    'twenty fleets of five created servers': await costOf(TWENTY, { servers: 5 }),
  };
  const rows = Object.entries(costs).map(([name, cost]) => [name, cost.monthlyUsd.toFixed(2), cost.withoutFreeDashboardsUsd.toFixed(2)]);
  const page = readFileSync(path.join(REPOSITORY, 'docs/cost.md'), 'utf8');
  expect(page).toBe(withTable(page, 'installation, ', rows));
  expect(costs['twenty fleets of five created servers'].assumptions).toMatchObject({ servers: 100, deploysPerDay: 4, notPriced: [] });
}, 240_000);
