/**
 * `npm run check:iam`: runs the scenarios on a local cloud of its own and compares each role's permissions with its calls.
 * `--json` prints one line: `{"roles","calls","denied","denials","unused","serviceUsed"}`. Exits with 1 when a call was
 * refused, a permission was not used or a scenario failed.
 */
import { mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Comparison } from '../local/aws/iam/compare-permissions.ts';
import { describeComparison } from '../local/aws/iam/describe-comparison.ts';
import { scenarioFiles } from './e2e/scenario-files.ts';
import { REPOSITORY, runNode } from './run-node.ts';

const REPORT = path.join(REPOSITORY, '.holdfast', 'iam-report.json');
const FILES = [...scenarioFiles(), 'permissions-used.test.ts'].map((name) => `test/e2e/${name}`);

/** The output of the scenarios goes to standard error: standard output is for the comparison. */
const runScenarios = (): Promise<number> =>
  runNode([path.join(REPOSITORY, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', ...FILES], {
    output: 'stderr',
    env: { HOLDFAST_IAM_REPORT: REPORT },
  });

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== '--json');
if (unknown.length > 0) {
  process.stderr.write(`check:iam has no option ${unknown.join(' ')}: its only option is --json\n`);
  process.exit(2);
}
mkdirSync(path.dirname(REPORT), { recursive: true });
await rm(REPORT, { force: true });
const code = await runScenarios();
const text = await readFile(REPORT, 'utf8').catch(() => undefined);
if (text === undefined) {
  process.stderr.write('The scenarios did not finish, so nothing was compared: the reason is printed above.\n');
  process.exit(1);
}
const { missing: _, ...found } = JSON.parse(text) as Comparison & { missing: readonly string[] };
process.stdout.write(args.includes('--json') ? `${JSON.stringify(found)}\n` : describeComparison(found));
if (code !== 0) process.stderr.write('A scenario or the comparison failed: see the output above.\n');
process.exit(code === 0 && found.denied === 0 && found.unused.length === 0 ? 0 : 1);
