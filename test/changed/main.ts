/** `npm run test:changed`: types, lint and plain English, and the tests that a change concerns. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { showWait } from '../../cli/output.ts';
import { counted } from '../../functions/shared/texts.ts';
import { secondsOf } from '../recorded-seconds.ts';
import { REPOSITORY, runNode } from '../run-node.ts';
import { checkoutFiles } from './checkout.ts';
import { chooseTests, untested } from './choose.ts';
import { Importers } from './importers.ts';

const HELP = `Usage: npm run test:changed -- [options]

Run the checks of types, lint and English, and the unit tests that your change concerns, the nearest first, in about a minute.
The change is what differs from the last commit, or the last commit itself where nothing does. Scenarios, and tests that are further
away, run with npm test.

  --since REF   what differs from REF
  --list        print the tests, and those that are left for npm test, and run nothing
  --help

Examples:
  npm run test:changed
  npm run test:changed -- --since main

Exit codes: 0 everything passed, 1 something failed, 2 an option is wrong.
`;

/** What is checked prints to the same terminal: no row is redrawn there. */
const LINES = { isTTY: false, columns: 80, write: (text: string | Uint8Array) => process.stderr.write(text) };
const script = (name: string) => path.join(REPOSITORY, 'node_modules', name);
const git = (...args: string[]) => execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8', timeout: 60_000 });
const lines = (text: string) => text.split('\n').filter(Boolean);

function changedFiles(since: string | undefined): string[] {
  const diff = (...range: string[]) => lines(git('diff', '--name-only', ...range, '--'));
  const own = [...diff(since ?? 'HEAD'), ...lines(git('ls-files', '--others', '--exclude-standard'))];
  const changed = own.length > 0 || since !== undefined ? own : diff('HEAD~1', 'HEAD');
  return [...new Set(changed)];
}

async function main(): Promise<number> {
  const options = {
    since: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  let changed: string[];
  try {
    ({ values } = parseArgs({ args: process.argv.slice(2), options }));
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    changed = changedFiles(values.since);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nNothing was run.\n`);
    return 2;
  }
  process.stdout.write(`${counted(changed.length, 'changed file')}: finding the tests that they concern (some seconds)\n`);
  const files = checkoutFiles();
  const existing = new Set(files);
  // A deleted file concerns itself too, and cannot be run.
  const isTest = (file: string) => existing.has(file) && /^(?:test\/(?!e2e\/)|lab\/).*(?<!\.full)\.test\.ts$/.test(file);
  const importers = await Importers.of(REPOSITORY, files, isTest);
  const pages = changed.some((file) => file.endsWith('.md')) ? files.filter((file) => isTest(file) && file.startsWith('test/docs/')) : [];
  const { tests, left } = chooseTests([...changed, ...pages], importers, secondsOf);
  const unknown = untested(changed, importers);
  process.stdout.write(
    `they concern ${counted(tests.length, 'test file')}${left.length > 0 ? `; npm test runs ${left.length} more, which are further away` : ''}\n`,
  );
  if (unknown.length > 0) {
    process.stdout.write(`no unit test is known to concern these, npm test or a scenario may: ${unknown.join(', ')}\n`);
  }
  if (values.list) {
    for (const test of tests) process.stdout.write(`${test}\n`);
    for (const test of left) process.stdout.write(`left for npm test: ${test}\n`);
    return 0;
  }
  const code = changed.filter((file) => /\.(?:ts|mts|mjs|json|css)$/.test(file) && existing.has(file));
  const isInBrowser = changed.some((file) => file.startsWith('console/browser/'));
  const checks: readonly (readonly [name: string, ...args: string[]])[] = [
    ['types', script('typescript/bin/tsc'), '-p', '.'],
    ...(isInBrowser ? [['types of the console', script('typescript/bin/tsc'), '-p', 'console/browser'] as const] : []),
    ...(code.length > 0 ? [['lint', script('@biomejs/biome/bin/biome'), 'check', '--no-errors-on-unmatched', ...code] as const] : []),
    ['plain English', 'test/words/check-words.ts'],
    ...(tests.length > 0 ? [['tests', script('vitest/vitest.mjs'), 'run', '--project', 'parts*', ...tests] as const] : []),
  ];
  const failed: string[] = [];
  for (const [name, ...args] of checks) {
    process.stdout.write(`checking ${name}\n`);
    if ((await showWait(`checking ${name}`, () => runNode(args), LINES)) !== 0) failed.push(name);
  }
  process.stdout.write(failed.length === 0 ? 'everything passed\n' : `failed: ${failed.join(', ')}\n`);
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main();
