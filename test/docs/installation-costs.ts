/** What whole installations cost, by their templates: a table of docs/cost.md. */
import { readAssembly } from '../../cli/cost/assembly.ts';
import { type Cost, estimateCost } from '../../cli/cost/estimate-cost.ts';
import { adopted, EXISTING_INSTANCES, storeAlone } from '../infra/adopted-configs.ts';
import { AWS_CONFIG, SynthesizedApp } from '../infra/synthesized.ts';
import { withTable } from './figures-pages.ts';

type Config = Parameters<typeof SynthesizedApp.create>[0];

const TWENTY: Config = { fleets: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`shop-${at + 10}`, { allowPlainHttp: true }])) };

/** By the first cell of their row: the configuration, and the servers of each fleet. */
const INSTALLATIONS: Readonly<Record<string, readonly [Config, servers?: number]>> = {
  'a store alone': [storeAlone()],
  'one fleet of 500 created servers': [AWS_CONFIG, 500],
  'one fleet of 500 existing servers': [adopted(EXISTING_INSTANCES), 500],
  'twenty fleets of five created servers': [TWENTY, 5],
};

export async function installationCosts(): Promise<readonly (readonly [name: string, Cost])[]> {
  const costs: [string, Cost][] = [];
  for (const [name, [config, servers]] of Object.entries(INSTALLATIONS)) {
    const app = await SynthesizedApp.create(config);
    try {
      costs.push([name, estimateCost(await readAssembly(app.folder), { servers })]);
    } finally {
      await app.remove();
    }
  }
  return costs;
}

/** The page with these costs. */
export const withInstallationCosts = (page: string, costs: Awaited<ReturnType<typeof installationCosts>>): string =>
  withTable(
    page,
    'installation, ',
    costs.map(([name, cost]) => [name, cost.monthlyUsd.toFixed(2), cost.withoutFreeDashboardsUsd.toFixed(2)]),
  );
