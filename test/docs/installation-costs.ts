/** What whole installations cost, by their templates: a table of docs/cost.md. */
import { type Assembly, readAssembly } from '../../lab/cost/assembly.ts';
import { type Cost, estimateCost } from '../../lab/cost/estimate-cost.ts';
import { adopted, EXISTING_INSTANCES, storeAlone } from '../infra/adopted-configs.ts';
import { AWS_CONFIG, SynthesizedApp } from '../infra/synthesized.ts';
import { withTable } from './figures-pages.ts';

type Config = Parameters<typeof SynthesizedApp.create>[0];

const fleetsOf = (count: number): Config => ({
  fleets: Object.fromEntries(Array.from({ length: count }, (_, at) => [`shop-${at + 10}`, { allowPlainHttp: true }])),
});

/** By the first words of their rows: the configuration, and the servers of each fleet, a row each. */
const INSTALLATIONS: readonly (readonly [name: string, Config, servers: readonly number[], kind: string])[] = [
  ['one fleet', AWS_CONFIG, [2, 4, 20, 100, 500], 'created'],
  ['one fleet', adopted(EXISTING_INSTANCES), [500], 'existing'],
  ['five fleets', fleetsOf(5), [2, 20, 100], 'created'],
  ['twenty fleets', fleetsOf(20), [2, 5, 100], 'created'],
];

async function readTemplates(config: Config): Promise<Assembly> {
  const app = await SynthesizedApp.create(config);
  try {
    return await readAssembly(app.folder);
  } finally {
    await app.remove();
  }
}

/** A fleet of four with the default configuration. */
export const costOfFour = async (): Promise<Cost> => estimateCost(await readTemplates(AWS_CONFIG), { servers: 4 });

export async function installationCosts(): Promise<readonly (readonly [name: string, Cost])[]> {
  const costs: [string, Cost][] = [['a store alone', estimateCost(await readTemplates(storeAlone()), {})]];
  for (const [name, config, sizes, kind] of INSTALLATIONS) {
    const assembly = await readTemplates(config);
    for (const servers of sizes) costs.push([`${name} of ${servers} ${kind} servers`, estimateCost(assembly, { servers })]);
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
