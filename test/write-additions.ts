/** `npm run docs -- additions`: writes what an installation adds to an account into docs/cost.md, of the configurations in examples/configurations. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readAssembly } from '../lab/cost/assembly.ts';
import { COLUMNS, PAGE, type Synthesized, withAdditions } from './docs/additions.ts';
import { REPOSITORY } from './run-node.ts';

/** Takes seconds: it synthesizes each configuration, without the functions' bundles if the process leaves them out. */
export async function synthesizeExample(name: string): Promise<Synthesized> {
  const { SynthesizedApp } = await import('./infra/synthesized.ts');
  const configuration = readFileSync(path.join(REPOSITORY, 'examples/configurations', `${name}.json`), 'utf8');
  const app = await SynthesizedApp.create(JSON.parse(configuration));
  try {
    return { assembly: await readAssembly(app.folder), configuration };
  } finally {
    await app.remove();
  }
}

/** @returns the exit code */
export async function writeAdditions(): Promise<number> {
  (await import('../lab/simulation/installation/synthesize-without-bundles.ts')).leaveOutBundles();
  const columns: Synthesized[] = [];
  for (const name of COLUMNS) columns.push(await synthesizeExample(name));
  const file = path.join(REPOSITORY, PAGE);
  writeFileSync(file, withAdditions(readFileSync(file, 'utf8'), columns));
  return 0;
}
