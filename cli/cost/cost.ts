import path from 'node:path';
import { readConfig } from '../../infra/config.ts';
import { IS_PACKAGE } from '../../infra/own-files.ts';
import { scratchFolder } from '../cloud-state.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { Output } from '../output.ts';
import { requireRegion } from '../require-region.ts';
import { REPOSITORY } from '../run-cdk.ts';
import { type Cost, type EstimateOptions, estimateCost } from './estimate-cost.ts';
import { assemblyTime, readAssembly } from './read-assembly.ts';
import { renderCost } from './render-cost.ts';
import { withSynthesized } from './synthesize.ts';

export interface CostOptions extends EstimateOptions {
  /** Configuration to synthesize the templates from. */
  readonly config?: string;
  /** Folder that `cdk synth` wrote. */
  readonly assembly?: string;
  /** Where the templates are synthesized. @default `tmp` in the state folder */
  readonly workFolder?: string;
  /** Prints the arithmetic of each line too. @default false */
  readonly all?: boolean;
}

const DEFAULT_ASSEMBLY = path.join(IS_PACKAGE ? process.cwd() : REPOSITORY, 'cdk.out');
const DEFAULT_CONFIG = path.join(REPOSITORY, 'holdfast.config.json');

/** Estimates what Holdfast costs per month. Calls no cloud and needs no credentials. */
export async function cost(options: CostOptions, output: Output): Promise<void> {
  if (options.region !== undefined) await requireRegion(options.region);
  const estimate = async (folder: string): Promise<Cost> => estimateCost(await readAssembly(folder), options);
  const result = await withAssembly(options, output, estimate);
  output.result({ cost: result }, () => renderCost(result, options.all));
}

async function withAssembly<T>(options: CostOptions, output: Output, use: (folder: string) => Promise<T>): Promise<T> {
  const { assembly, config, workFolder = scratchFolder() } = options;
  if (assembly !== undefined) return use(path.resolve(assembly));
  const madeAt = config === undefined ? await assemblyTime(DEFAULT_ASSEMBLY) : undefined;
  if (madeAt) {
    output.progress(`reading cdk.out of ${madeAt.toISOString()}; use --config FILE to synthesize the templates again`);
    return use(DEFAULT_ASSEMBLY);
  }
  if (IS_PACKAGE) {
    throw new CommandFailure(
      'NoAssembly',
      `The templates are read from ${DEFAULT_ASSEMBLY}. Nothing was estimated. Write them with "npx cdk synth", and leave out --config.`,
      EXIT.badInput,
    );
  }
  const configFile = path.resolve(config ?? DEFAULT_CONFIG);
  // A wrong value is reported here with its rule, rather than in the middle of a synthesis.
  readConfig(configFile);
  output.progress('synthesizing the templates, which takes a few seconds');
  return withSynthesized(configFile, workFolder, use);
}
