/**
 * `npm run bench:deploy`: the shell script that Holdfast replaces and Holdfast at default settings, on one fleet, under
 * the same traffic, at several propagation lags, in one run; or Holdfast alone with the examples in Java.
 */
import path from 'node:path';
import { progressLog, runBench } from '../run-bench.ts';
import { type BundleCase, unmetByBundle } from './bundle/judge-bundles.ts';
import type { DeployCase } from './judge-cases.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { settingsOf } from './settings.ts';
import { type StrategyCase, unmetByStrategies } from './strategies/judge-strategies.ts';
import { unmetByWar, type WarCase } from './wars/judge-wars.ts';

async function bench(options: Options): Promise<number> {
  // A state folder of its own: a cloud that is up in this checkout is neither used nor ended.
  process.env['HOLDFAST_STATE_FOLDER'] = path.resolve(import.meta.dirname, '../../../.holdfast/bench');
  if (options.strategies.length > 0) return compareStrategies(options);
  if (options.wars.length > 0) return rollWars(options);
  if (Object.keys(options.bundles).length > 0) return rollBundles(options);
  const { runRounds } = await import('./run-rounds.ts');
  const { ratioOf, unmetExpectations } = await import('./judge-cases.ts');
  const log = progressLog(options.json);
  const cases: DeployCase[] = [];
  for (const setting of settingsOf(options)) cases.push(...(await runRounds(setting, options, log)));
  const unmet = unmetExpectations(cases, { severalAtOnce: options.maxParallel !== undefined });
  const ratio = ratioOf(cases);
  if (options.json) process.stdout.write(`${JSON.stringify({ cases, ...(ratio !== undefined && { ratio }) })}\n`);
  else if (ratio !== undefined) log(`several at once took ${ratio.toFixed(2)} of the time of one at a time`);
  for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
  return unmet.length === 0 ? 0 : 1;
}

async function compareStrategies({ strategies, json }: Options): Promise<number> {
  const { runStrategy } = await import('./strategies/run-strategies.ts');
  const log = progressLog(json);
  const cases: StrategyCase[] = [];
  for (const name of strategies) {
    const one = await runStrategy(name, log);
    cases.push(one);
    log(JSON.stringify(one));
  }
  if (json) process.stdout.write(`${JSON.stringify({ cases })}\n`);
  const unmet = unmetByStrategies(cases);
  for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
  return unmet.length === 0 ? 0 : 1;
}

async function rollWars({ wars, json }: Options): Promise<number> {
  const { runWar } = await import('./wars/run-war.ts');
  const { WARS } = await import('./wars/war-cases.ts');
  const log = progressLog(json);
  const cases: WarCase[] = [];
  const unmet: string[] = [];
  for (const name of wars) {
    const one = await runWar(name, log);
    cases.push(one);
    unmet.push(...unmetByWar(one, WARS[name].advice ?? 'recommended'));
    log(JSON.stringify(one));
  }
  if (json) process.stdout.write(`${JSON.stringify({ cases })}\n`);
  for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
  return unmet.length === 0 ? 0 : 1;
}

async function rollBundles({ bundles, json }: Options): Promise<number> {
  const { runBundles } = await import('./bundle/run-bundles.ts');
  const log = progressLog(json);
  const judged = await runBundles(bundles, log);
  const cases: BundleCase[] = judged.map(({ problems: _, ...one }) => one);
  if (json) process.stdout.write(`${JSON.stringify({ cases })}\n`);
  const unmet = judged.flatMap(unmetByBundle);
  for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
  return unmet.length === 0 ? 0 : 1;
}

await runBench(parseOptions, HELP, bench);
