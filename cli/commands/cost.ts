import path from 'node:path';
import { readConfig } from '../../infra/config.ts';
import { STATE_FOLDER } from '../../local/cloud-state.ts';
import { type Cost, type CostQuestion, estimateCost } from '../cost/estimate-cost.ts';
import { assemblyTime, readAssembly } from '../cost/read-assembly.ts';
import { renderCost } from '../cost/render-cost.ts';
import { withSynthesized } from '../cost/synthesize.ts';
import type { Output } from '../output.ts';
import { REPOSITORY } from '../run-cdk.ts';

export interface CostOptions extends CostQuestion {
  /** Configuration whose templates are made for this. */
  readonly config?: string;
  /** Folder that `cdk synth` has written. */
  readonly assembly?: string;
  /** Where the templates are made. @default `tmp` in the state folder */
  readonly workFolder?: string;
}

const DEFAULT_ASSEMBLY = path.join(REPOSITORY, 'cdk.out');
const DEFAULT_CONFIG = path.join(REPOSITORY, 'holdfast.config.json');

/** Prints what Holdfast itself costs a month. Asks no cloud and needs no credentials. */
export async function cost(options: CostOptions, output: Output): Promise<void> {
  const estimate = async (folder: string): Promise<Cost> => estimateCost(await readAssembly(folder), options);
  const result = await withAssembly(options, output, estimate);
  output.result({ cost: result }, () => renderCost(result));
}

async function withAssembly<T>(options: CostOptions, output: Output, use: (folder: string) => Promise<T>): Promise<T> {
  const { assembly, config, workFolder = path.join(STATE_FOLDER, 'tmp') } = options;
  if (assembly !== undefined) return use(path.resolve(assembly));
  const madeAt = config === undefined ? await assemblyTime(DEFAULT_ASSEMBLY) : undefined;
  if (madeAt) {
    output.progress(`reading cdk.out of ${madeAt.toISOString()}; --config FILE makes the templates anew`);
    return use(DEFAULT_ASSEMBLY);
  }
  const configFile = path.resolve(config ?? DEFAULT_CONFIG);
  // Refused here with its rule, rather than in the middle of a synthesis.
  readConfig(configFile);
  output.progress('making the templates, which takes some seconds');
  return withSynthesized(configFile, workFolder, use);
}
