/**
 * `npm run docs -- figures`: writes the figures of README, docs/internals/benchmarks.md and docs/cost.md, from the recorded run of
 * `npm run bench:deploy -- --lags 3 --json` (lab/bench/deploy/recorded.json) and from `holdfast cost`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Pages, withFigures } from './docs/figures-pages.ts';
import { REPOSITORY } from './run-node.ts';

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');

/** @returns the exit code */
export function writeFigures(): number {
  const pages = {
    'README.md': read('README.md'),
    'docs/internals/benchmarks.md': read('docs/internals/benchmarks.md'),
    'docs/cost.md': read('docs/cost.md'),
  };
  const words = [path.join(REPOSITORY, 'bin/main.ts'), 'cost', '--servers', '4', '--json'];
  const printed = execFileSync(process.execPath, words, { cwd: REPOSITORY, encoding: 'utf8', timeout: 180_000 });
  const written: Pages = withFigures(pages, { ...JSON.parse(read('lab/bench/deploy/recorded.json')), ...JSON.parse(printed) });
  for (const [file, text] of Object.entries(written)) writeFileSync(path.join(REPOSITORY, file), text);
  return 0;
}
