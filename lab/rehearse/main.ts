/** `npm run rehearse`: every command of docs/install-new.md, in the local cloud or on AWS. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { endWith } from '../../cli/output.ts';
import { ensureAwsClients } from '../../setup/set-up.mjs';
import { HELP, type Options, parseOptions } from './options.ts';
import { readSteps, type Step } from './read-steps.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

async function rehearse(options: Options): Promise<number> {
  // A state folder of its own: a cloud that is up in this checkout is neither used nor ended.
  const folder = path.join(REPOSITORY, '.holdfast/rehearse');
  process.env['HOLDFAST_STATE_FOLDER'] = folder;
  const { awsPlace, localPlace } = await import('./place.ts');
  const { runSteps } = await import('./run-steps.ts');
  const steps = readSteps(readFileSync(path.join(REPOSITORY, 'docs/install-new.md'), 'utf8'));
  const work = path.join(folder, 'work');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const say = (line: string) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort(new Interrupted(name)));

  const python = await ensureAwsClients();
  const searchPath = [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter);
  const { signal } = interruption;
  const place =
    options.region === undefined ? await localPlace(work, searchPath, signal) : await awsPlace(work, searchPath, options.region);
  try {
    say(`rehearsing docs/install-new.md in ${place.title}; the commands' output is in ${path.relative(REPOSITORY, work)}`);
    const programs = { node: process.execPath, python, assembly: path.join(work, 'cdk.out'), local: place.local };
    const agree = async (step: Step) => options.yes || ask(`"${step.name}" costs ${step.costs} Run it? [y/N] `, signal);
    const results = await runSteps(steps, { place, programs, folder: work, cwd: REPOSITORY, signal, agree, say });
    const failed = results.filter(({ ok }) => !ok).length;
    if (options.json) process.stdout.write(`${JSON.stringify({ steps: results, failed })}\n`);
    return failed === 0 && results.length === steps.length ? 0 : 1;
  } finally {
    await place.close();
  }
}

class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(by: NodeJS.Signals) {
    super(`interrupted by ${by}; what the finished steps created on AWS is still there: docs/install-new.md says how to undo each`);
  }
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return terminal
    .question(question, { signal })
    .then((answer) => /^y(es)?$/i.test(answer.trim()))
    .finally(() => terminal.close());
}

await endWith(async () => {
  try {
    const options = parseOptions(process.argv.slice(2), process.stdin.isTTY === true);
    if (options === 'help') process.stdout.write(HELP);
    return options === 'help' ? 0 : await rehearse(options);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof TypeError ? 2 : error instanceof Interrupted ? 130 : 1;
  }
});
