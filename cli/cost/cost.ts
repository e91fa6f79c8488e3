import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readConfig } from '../../infra/config.ts';
import { IS_PACKAGE } from '../../infra/own-files.ts';
import { scratchFolder } from '../cloud-state.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { Output } from '../output.ts';
import { requireRegion } from '../require-region.ts';
import { REPOSITORY, runCdk } from '../run-cdk.ts';
import { readAssembly } from './assembly.ts';
import { type Cost, type EstimateOptions, estimateCost } from './estimate-cost.ts';
import { renderCost } from './render-cost.ts';

export interface CostOptions extends EstimateOptions {
  readonly config?: string; // configuration to synthesize the templates from
  readonly assembly?: string; // folder that `cdk synth` wrote
  readonly workFolder?: string; // where the templates are synthesized: by default `tmp` in the state folder
  readonly all?: boolean; // prints the arithmetic of each line too
}

const DEFAULT_ASSEMBLY = path.join(IS_PACKAGE ? process.cwd() : REPOSITORY, 'cdk.out');
const DEFAULT_CONFIG = path.join(REPOSITORY, 'holdfast.config.json');

/** Estimates what Holdfast costs per month. Calls no cloud and needs no credentials. */
export async function cost(options: CostOptions, output: Output): Promise<void> {
  if (options.region !== undefined) await requireRegion(options.region);
  const result = await withAssembly(options, output, async (folder): Promise<Cost> => estimateCost(await readAssembly(folder), options));
  output.result({ cost: result }, () => renderCost(result, options.all));
}

async function withAssembly<T>(options: CostOptions, output: Output, use: (folder: string) => Promise<T>): Promise<T> {
  const { assembly, config, workFolder = scratchFolder() } = options;
  if (assembly !== undefined) return use(path.resolve(assembly));
  const manifest = config === undefined ? await stat(path.join(DEFAULT_ASSEMBLY, 'manifest.json')).catch(() => undefined) : undefined;
  if (manifest) {
    output.progress(`reading cdk.out of ${manifest.mtime.toISOString()}; use --config FILE to synthesize the templates again`);
    return use(DEFAULT_ASSEMBLY);
  }
  if (IS_PACKAGE) {
    const how = 'Nothing was estimated. Write them with "npx --no cdk synth", and leave out --config.';
    throw new CommandFailure('NoAssembly', `The templates are read from ${DEFAULT_ASSEMBLY}. ${how}`, EXIT.badInput);
  }
  const configFile = path.resolve(config ?? DEFAULT_CONFIG);
  // A wrong value is reported here with its rule, rather than in the middle of a synthesis.
  readConfig(configFile);
  output.progress('synthesizing the templates, which takes a few seconds');
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(path.join(workFolder, 'cost-'));
  try {
    return await use(await synthesize(configFile, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the assembly's folder, in `folder` @throws CommandFailure SynthesisFailed */
async function synthesize(configFile: string, folder: string): Promise<string> {
  const output = path.join(folder, 'cdk.out');
  const how = ['--quiet', '--no-color', '--no-validation', '--context', `config=${configFile}`, '--context', 'checks=off'];
  const run = await runCdk(['synth', ...how, '--output', output], folder);
  if (run.code === 0) return output;
  // A failure shows the end of the CDK's output.
  const why = run.stoppedBy ?? run.output.trim().split('\n').slice(-15).join('\n');
  throw new CommandFailure('SynthesisFailed', `The templates could not be synthesized: ${why}`);
}
