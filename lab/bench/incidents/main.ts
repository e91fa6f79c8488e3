/** `npm run bench:incidents`: plants causes of incidents, and judges what the runbooks find. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { progressLog, runBench } from '../run-bench.ts';
import { casesOf } from './cases.ts';
import { summarize, unmetExpectations } from './judge.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { resultsFile } from './results-file.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const FOLDER = path.join(ROOT, '.holdfast/bench');

async function bench({ json, all, only, seed, resume, record, pages }: Options): Promise<number> {
  // A state folder of its own: a cloud that is up in this checkout is neither used nor ended.
  process.env['HOLDFAST_STATE_FOLDER'] = FOLDER;
  const { runCases } = await import('./run-cases.ts');
  const log = progressLog(json);
  const key = { commit: currentCommit(), seed: seed ?? null };
  const file = resultsFile(path.join(FOLDER, 'incidents.json'), key);
  if (!resume) file.remove();
  const cases = casesOf({ all, only, ...(seed !== undefined && { seed }) });
  const finished = new Set(file.read().map(({ name }) => name));
  const open = cases.filter(({ name }) => !finished.has(name));
  log(`commit ${key.commit}${seed === undefined ? '' : `, seed ${seed}`}: ${open.length} of ${cases.length} cases to run`);
  for (const cloud of new Set(open.map((one) => one.cloud))) {
    await runCases(
      cloud,
      open.filter((one) => one.cloud === cloud),
      {
        ...{ log, onResult: file.add },
        ...(record !== undefined && { record: path.resolve(record) }),
        ...(pages !== undefined && { pages: path.resolve(pages) }),
      },
    );
  }
  const results = file.read().filter(({ name }) => cases.some((one) => one.name === name));
  const summary = { ...key, order: cases.map(({ name }) => name), ...summarize(cases, results), results };
  process.stdout.write(`${JSON.stringify(summary, undefined, json ? 0 : 2)}\n`);
  const unmet = unmetExpectations(cases, results);
  for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
  return unmet.length === 0 ? 0 : 1;
}

/** With `-changed` where files are not as committed. @throws Error outside a checkout */
function currentCommit(): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: ROOT, encoding: 'utf8', timeout: 10_000 }).trim();
  return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-changed'}`;
}

await runBench(parseOptions, HELP, bench);
