/**
 * `npm run docs -- figures`: writes the figures of README, docs/internals/benchmarks.md and docs/cost.md, from the recorded runs of
 * `npm run bench:people -- --script --json` and `npm run bench:deploy -- --lags 3 --json` (recorded.json in their folders) and from the templates.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Figures, type Pages, withFigures } from './docs/figures-pages.ts';
import { REPOSITORY } from './run-node.ts';

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');

/** The cases of both recorded runs. */
export const recordedCases = (): Pick<Figures, 'people' | 'cases'> => ({
  people: JSON.parse(read('lab/bench/people/recorded.json')).cases,
  cases: JSON.parse(read('lab/bench/deploy/recorded.json')).cases,
});

/** @returns the exit code */
export async function writeFigures(): Promise<number> {
  // Templates are the same without the functions' bundles, which take most of a synthesis.
  (await import('../lab/simulation/installation/synthesize-without-bundles.ts')).leaveOutBundles();
  const { costOfFour, installationCosts, withInstallationCosts } = await import('./docs/installation-costs.ts');
  const pages = {
    'README.md': read('README.md'),
    'docs/internals/benchmarks.md': read('docs/internals/benchmarks.md'),
    'docs/cost.md': withInstallationCosts(read('docs/cost.md'), await installationCosts()),
  };
  const written: Pages = withFigures(pages, { ...recordedCases(), cost: await costOfFour() });
  for (const [file, text] of Object.entries(written)) writeFileSync(path.join(REPOSITORY, file), text);
  return 0;
}
