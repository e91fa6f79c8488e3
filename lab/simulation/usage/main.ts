/**
 * `npm run measure:deploys`: simulates deploys without faults, and writes what `holdfast cost` expects of a deploy. With
 * `-- --compare` it writes nothing, and prints as one line of JSON how far the estimate is from what other deploys cost.
 */
import '../seam/replace-modules.ts';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  deployFeatures,
  EXECUTION_UNITS,
  type Execution,
  estimateExecution,
  type Features,
  targetFeatures,
} from '../../../cli/cost/deploy-usage.ts';
import { PRICES } from '../../../cli/cost/price-list.ts';
import { synthesizeWithoutBundles } from '../installation/synthesize-without-bundles.ts';
import type { Measured } from './calm-deploy.ts';
import { leastSquares } from './least-squares.ts';

const FILE = path.resolve(import.meta.dirname, '../../../cli/cost/deploy-usage.json');
/** Seeds of the deploys that the coefficients are fitted to, and of those that the estimate is compared with. */
const FITTED = { first: 1, count: 36 };
const COMPARED = { first: 1_001, count: 6 };
/** Memory of the functions of deploys. */
const GIGABYTES = 0.25;

interface Observed {
  readonly hasDefaults: boolean;
  readonly servers: number;
  readonly features: Readonly<Record<keyof Measured, Features>>;
  readonly used: Measured;
}

/** How far the estimate is from what one deploy cost. */
export interface Difference {
  /** The deploy has the default settings. */
  readonly hasDefaults: boolean;
  /** Below 0: the deploy cost more. */
  readonly percent: number;
}

async function observe({ first, count }: typeof FITTED): Promise<Observed[]> {
  const installations = await synthesizeWithoutBundles();
  // These load the infrastructure, which has to come after a synthesis without bundles.
  const { runCalmDeploy } = await import('./calm-deploy.ts');
  const { drawCalmDeploy, timesOf } = await import('./draw-calm-deploy.ts');
  const observed: Observed[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const drawn = drawCalmDeploy(seed, installations);
    const times = timesOf(drawn);
    observed.push({
      hasDefaults: Object.keys(drawn.settings).length === 0,
      servers: drawn.servers,
      features: { deploy: deployFeatures(times, drawn.servers), rollTarget: targetFeatures(times) },
      used: await runCalmDeploy(drawn),
    });
  }
  return observed;
}

function fitMachine(observed: readonly Observed[], machine: keyof Measured): object {
  const of = (unit: keyof Execution) =>
    observed.map(({ features, used }) => ({ features: features[machine], observed: used[machine][unit] }));
  return Object.fromEntries(EXECUTION_UNITS.map((unit) => [unit, leastSquares(of(unit))]));
}

function difference({ hasDefaults, servers, features, used }: Observed): Difference {
  const estimated = {
    deploy: estimateExecution('deploy', features.deploy),
    rollTarget: estimateExecution('rollTarget', features.rollTarget),
  };
  const percent = (usdOf(estimated, servers) / usdOf(used, servers) - 1) * 100;
  return { hasDefaults, percent: Math.round(percent * 10) / 10 };
}

const usdOf = ({ deploy, rollTarget }: Measured, servers: number): number => executionUsd(deploy) + servers * executionUsd(rollTarget);

function executionUsd({ transitions, requests, functionSeconds }: Execution): number {
  const { transition, invocation, gbSecond } = PRICES;
  return (
    (transitions * transition.usd) / transition.per +
    (requests * invocation.usd) / invocation.per +
    functionSeconds * GIGABYTES * gbSecond.usd
  );
}

if (process.argv.includes('--compare')) {
  process.stdout.write(`${JSON.stringify((await observe(COMPARED)).map(difference))}\n`);
} else {
  const observed = await observe(FITTED);
  const fitted = { deploy: fitMachine(observed, 'deploy'), rollTarget: fitMachine(observed, 'rollTarget') };
  writeFileSync(FILE, `${JSON.stringify(fitted, null, 2)}\n`);
}
