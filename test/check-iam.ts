/**
 * `npm run check:iam`: goes through the scenarios on a local cloud of its own and compares what each role may do with what
 * it did. With `--json` one line: `{"roles","calls","denied","denials","unused","serviceUsed"}`. Ends with 1 when a call was
 * refused, a permission was not used or a scenario failed.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Comparison } from '../local/iam/compare-permissions.ts';
import { describeComparison } from '../local/iam/describe-comparison.ts';
import { readSetup } from '../setup/read-setup.mjs';
import { scenarioFiles } from './e2e/scenario-files.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '..');
const REPORT = path.join(REPOSITORY, '.holdfast', 'iam-report.json');
const FILES = [...scenarioFiles(), 'permissions-used.test.ts'].map((name) => `test/e2e/${name}`);

/** The scenarios' own output goes to standard error: standard output is the comparison's. */
function runScenarios(): Promise<number> {
  const args = ['--disable-warning=ExperimentalWarning', path.join(REPOSITORY, 'node_modules/vitest/vitest.mjs')];
  return new Promise((resolve, reject) => {
    const child = spawn(readSetup().node, [...args, 'run', '--project', 'e2e', ...FILES], {
      cwd: REPOSITORY,
      stdio: ['inherit', process.stderr, process.stderr],
      env: { ...process.env, HOLDFAST_IAM_REPORT: REPORT },
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== '--json');
if (unknown.length > 0) {
  process.stderr.write(`check:iam does not know ${unknown.join(' ')}: it takes --json, or nothing\n`);
  process.exit(2);
}
mkdirSync(path.dirname(REPORT), { recursive: true });
await rm(REPORT, { force: true });
const code = await runScenarios();
const text = await readFile(REPORT, 'utf8').catch(() => undefined);
if (text === undefined) {
  process.stderr.write('The scenarios did not come to their end, so nothing was compared: see above why.\n');
  process.exit(1);
}
const { missing: _, ...found } = JSON.parse(text) as Comparison & { missing: readonly string[] };
process.stdout.write(args.includes('--json') ? `${JSON.stringify(found)}\n` : describeComparison(found));
if (code !== 0) process.stderr.write('A scenario or the comparison failed: see above which.\n');
process.exit(code === 0 && found.denied === 0 && found.unused.length === 0 ? 0 : 1);
