/** `npm run bench:incidents`: plants causes of incidents, and judges what the runbooks find. */
import path from 'node:path';
import { progressLog, runBench } from '../run-bench.ts';
import { casesOf } from './cases.ts';
import { summarize, unmetExpectations } from './judge.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { resultsFile } from './results-file.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../.holdfast/bench');

async function bench({ json, all, only, resume, record }: Options): Promise<number> {
  // A state folder of its own: a cloud that is up in this checkout is neither used nor ended.
  process.env['HOLDFAST_STATE_FOLDER'] = FOLDER;
  const { runCases } = await import('./run-cases.ts');
  const log = progressLog(json);
  const file = resultsFile(path.join(FOLDER, 'incidents.json'));
  if (!resume) file.remove();
  const cases = casesOf(all, only);
  const finished = new Set(file.read().map(({ name }) => name));
  const open = cases.filter(({ name }) => !finished.has(name));
  for (const strategy of new Set(open.map((one) => one.strategy))) {
    const of = open.filter((one) => one.strategy === strategy);
    await runCases(strategy, of, { log, onResult: file.add, ...(record !== undefined && { record: path.resolve(record) }) });
  }
  const results = file.read().filter(({ name }) => cases.some((one) => one.name === name));
  process.stdout.write(`${JSON.stringify(summarize(cases, results), undefined, json ? 0 : 2)}\n`);
  const unmet = unmetExpectations(results);
  for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
  return unmet.length === 0 ? 0 : 1;
}

await runBench(parseOptions, HELP, bench);
