/** `npm run bench:cold`: the size of each function's code, and how long a new execution environment takes to import it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import { buildApp } from '../../../infra/build-app.ts';
import { holdfastConfig } from '../../../infra/config.ts';
import { findFunctions } from './find-functions.ts';
import { type Measured, overLimits, tableOf } from './judge-functions.ts';
import { measureImport } from './measure-import.ts';

const HELP = `Usage: npm run bench:cold -- [options]

Print the size of each Lambda function's code, without its source map, and the time to import it: the median of seven
processes on this machine, which nothing else should be using.

  --json   print exactly one line: {"functions":[{"name","bytes","importMs"}]}
  --help

Exit codes: 0 every function is within the limits, 1 one is not (it is named), 2 an option is wrong.
`;
const PROCESSES = 7;

/** With which a fleet has a canary: its function's code is the same for every recipe. */
const CANARY = {
  url: 'https://shop.example.com/',
  recipe: {
    users: { a: { name: 'canary-anna', password: { secret: 'shop/anna' } }, b: { name: 'canary-ben', password: { secret: 'shop/ben' } } },
    login: [{ post: '/login', form: { user: '{name}', password: '{password}' } }],
    who: { get: '/account' },
  },
};

/** Every function that Holdfast has, from templates for a fleet of its own. */
async function measureAll(): Promise<Measured[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-cold-'));
  try {
    const app = new App({ outdir: folder });
    // With this retention alone, a function empties the bucket.
    buildApp(app, holdfastConfig.parse({ retention: 'ephemeral', fleets: { web: { allowPlainHttp: true, canary: CANARY } } }));
    app.synth();
    const measured: Measured[] = [];
    for (const { name, bytes, file } of findFunctions(folder)) {
      measured.push({ name, bytes, importMs: Math.round(10 * (await measureImport(file, PROCESSES))) / 10 });
    }
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bench(json: boolean): Promise<number> {
  const functions = await measureAll();
  process.stdout.write(json ? `${JSON.stringify({ functions })}\n` : tableOf(functions));
  const over = overLimits(functions);
  for (const sentence of over) process.stderr.write(`not as expected: ${sentence}\n`);
  return over.length === 0 ? 0 : 1;
}

try {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  if (values.help) process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : await bench(values.json);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
