/**
 * `npm test`: the static checks and every test, then the plain line `N passed, N failed`.
 * `npm test -- PATTERN` runs the tests whose file name matches, without the static checks; `npm run test:full` runs
 * every scenario, and the smoke on LocalStack where this machine has what that needs; `npm run test:full -- --part 2/4` runs one of
 * its parts, of which the first is `npm test`. What failed is named once more just before that line: it is often the only part of a
 * long log that is kept.
 */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { endWith } from '../cli/output.ts';
import { countsOf, skippedLine } from '../lab/demo/test/localstack/in-npm-test.ts';
import { readCommit } from '../lab/simulation/run/commit.ts';
import { whyNoJava } from '../setup/java.mjs';
import { whyNoLocalStack } from '../setup/localstack.mjs';
import { ensureStoreEngines } from '../setup/set-up.mjs';
import { CHAINS_ENV } from './e2e/scenario-files.ts';
import { chainsOf, describeParts, describeSkipped, filesOfPart, LOCALSTACK, onlyInFull, PARTS, recordPart } from './full-parts.ts';
import { LAST, ORDER_ENV } from './last-file-sequencer.ts';
import { failuresOf, skippedIn, type TestReport, withoutTests } from './read-report.ts';
import { REPOSITORY, type RunOptions, runNode } from './run-node.ts';

const HOLDFAST = path.join(REPOSITORY, '.holdfast');

interface Count {
  passed: number;
  failed: number;
  /** What failed, by name. */
  readonly failures: string[];
  /** Files with tests that did not run, and how many. */
  readonly skipped: string[];
}

/** Each is one passed or failed check. */
const STATIC_CHECKS: readonly { readonly name: string; readonly script: string; readonly args: readonly string[] }[] = [
  // Several checkers would check much of it several times, on cores that the scenarios need.
  { name: 'types', script: 'typescript/bin/tsc', args: ['-p', '.', '--checkers', '1'] },
  { name: "types of the browser's code", script: 'typescript/bin/tsc', args: ['-p', 'console/browser'] },
  { name: 'format and lint', script: '@biomejs/biome/bin/biome', args: ['check', '.'] },
  { name: 'unused files, exports and dependencies', script: 'knip/bin/knip.js', args: [] },
  { name: 'plain English', script: '../test/words/check-words.ts', args: [] },
];

const OTHER_ENGINE = ['--project', 'other-engine'];

const script = (name: string) => path.join(REPOSITORY, 'node_modules', name);

async function staticChecks(count: Count): Promise<void> {
  for (const check of STATIC_CHECKS) {
    const code = await runNode([script(check.script), ...check.args], { niceness: 10 });
    process.stdout.write(`${code === 0 ? '✓' : '✗'} ${check.name}\n`);
    count[code === 0 ? 'passed' : 'failed'] += 1;
    if (code !== 0) count.failures.push(check.name);
  }
}

interface TestRun extends RunOptions {
  /** Name of the report file. */
  readonly name: string;
  readonly args: readonly string[];
  /** Files each of which has to run a test at least. @default those that Vitest finds */
  readonly files?: readonly string[];
}

async function tests({ name, args, files = [], ...options }: TestRun, count: Count): Promise<void> {
  const report = path.join(HOLDFAST, `${name}.json`);
  await rm(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await runNode([script('vitest/vitest.mjs'), 'run', ...reporters, ...args, ...files], options);
  const results = JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as TestReport;
  count.passed += results.numPassedTests ?? 0;
  // A file that cannot be loaded, or a crashed runner, has no failed test to count.
  count.failed += Math.max(results.numFailedTests ?? 0, code === 0 ? 0 : 1);
  const failures = failuresOf(results, REPOSITORY);
  if (code !== 0 && failures.length === 0) failures.push(`the run of ${name}, which ended with ${code} without a failed test`);
  // A run that ended well has passed something, and says so.
  const missing = code === 0 && !results.numPassedTests ? [`the run of ${name}, which passed no test`] : [];
  missing.push(...withoutTests(files, results, REPOSITORY).map((file) => `${file}: none of its tests ran`));
  count.failed += missing.length;
  failures.push(...missing);
  count.failures.push(...failures);
  count.skipped.push(...skippedIn(results, REPOSITORY));
}

/**
 * Scenarios mostly wait, so the parts run alongside, at a priority that leaves the scenarios their time; and parts wait as well, which
 * leaves time for the static checks.
 */
async function allTests(count: Count, full: boolean): Promise<void> {
  const engines = await ensureStoreEngines();
  const parts = ['--project', 'parts*', ...(full && engines.length > 1 ? OTHER_ENGINE : [])];
  await Promise.all([
    staticChecks(count),
    tests({ name: `test-report-${full ? 'full-' : ''}parts`, args: parts, output: 'held', niceness: 3 }, count),
    scenarioTests(
      globSync('test/e2e/*.test.ts', { cwd: REPOSITORY }).filter((file) => full || !file.endsWith('.full.test.ts')),
      count,
      full,
    ),
  ]);
}

/** On several local clouds, side by side. With scenarios come those that look back on all of them: leaks, and refused calls. */
async function scenarioTests(files: readonly string[], count: Count, full: boolean): Promise<void> {
  const looksBack = LAST.map((file) => `test${file}`).filter((file) => files.includes(file));
  const scenarios = files.filter((file) => !looksBack.includes(file));
  const shared = path.join(HOLDFAST, 'chains');
  await rm(shared, { recursive: true, force: true });
  await Promise.all(
    chainsOf(scenarios, full).map((chain, index) => {
      const id = `e2e-${index + 1}`;
      // Answers are valid on one cloud as on the other.
      const all = [...chain, ...looksBack.filter((file) => index === 0 || !file.includes('valid-answers'))];
      const run: TestRun = {
        name: `test-report-${full ? 'full-' : ''}${id}`,
        args: ['--project', 'e2e', ...(full ? [] : all)],
        // Some have tests for the full run alone.
        files: full ? all : [],
        env: { HOLDFAST_TEST_CLOUD: id, [CHAINS_ENV]: shared },
      };
      // The output of one is read while it runs; that of the other would be between its lines.
      return tests(index === 0 ? run : { ...run, output: 'held' }, count);
    }),
  );
}

/** After everything else: LocalStack needs the whole machine. @returns the line about it when it is skipped */
async function localStackTests(count: Count, full: boolean): Promise<string | undefined> {
  const skipped = skippedLine(whyNoLocalStack(), full);
  if (skipped !== undefined) return skipped;
  const printed: string[] = [];
  await runNode([path.join(REPOSITORY, 'lab/demo/test/localstack/main.ts'), '--json'], {
    output: 'result',
    onResult: (text) => printed.push(text),
  });
  const { passed, failed } = countsOf(printed.join(''));
  count.passed += passed;
  count.failed += failed;
  if (failed > 0) count.failures.push('the smoke on LocalStack: npm run test:localstack');
  return undefined;
}

/** The files of one part of the full run. */
async function partTests(part: number, count: Count): Promise<void> {
  const files = filesOfPart(REPOSITORY, part);
  const [scenarios, parts] = [
    files.filter((file) => file.startsWith('test/e2e/')),
    files.filter((file) => !file.startsWith('test/e2e/') && file !== LOCALSTACK),
  ];
  const engines = await ensureStoreEngines();
  await tests(
    { name: 'test-report-full-parts', args: ['--project', 'parts*', ...(engines.length > 1 ? OTHER_ENGINE : [])], files: parts },
    count,
  );
  await scenarioTests(scenarios, count, true);
  if (files.includes(LOCALSTACK) && whyNoLocalStack() === undefined) await localStackTests(count, true);
  // Vitest takes what such a machine cannot run for skipped, and a part has to have run.
  for (const reason of [whyNoJava(), whyNoLocalStack(), engines.length > 1 ? undefined : 'only one store engine is on this machine']) {
    if (reason === undefined) continue;
    count.failed += 1;
    count.failures.push(`tests of this part were skipped: ${reason}`);
  }
}

/** The result of a part belongs to one commit: that of the checkout before it, if it is the same, and whole, afterwards. */
async function keepResult(part: number, commit: string, count: Count): Promise<void> {
  const folder = path.join(HOLDFAST, 'full-parts');
  if (commit === 'unknown' || commit.endsWith('-changed') || commit !== (await readCommit('all'))) {
    process.stdout.write(`part ${part} is not recorded: the checkout is not, or no longer, at one commit, or has a file that is in none\n`);
    return;
  }
  recordPart(folder, commit, part, { ...count, skipped: count.skipped.length, seconds: Math.round(performance.now() / 1000) });
  for (const line of describeParts(folder, commit)) process.stdout.write(`${line}\n`);
}

/** @throws TypeError in a sentence for the user */
function partOf(text: string | undefined): number {
  const [, part = ''] = new RegExp(`^([1-${PARTS}])/${PARTS}$`).exec(text ?? '') ?? [];
  if (part === '') throw new TypeError(`--part takes 1/${PARTS} to ${PARTS}/${PARTS}, not ${JSON.stringify(text ?? '')}. Nothing was run.`);
  return Number(part);
}

async function run(args: readonly string[], part: number | undefined, count: Count): Promise<string | undefined> {
  const isFull = part === undefined ? args.includes('--full') : part > 1;
  const patterns = part === undefined ? args.filter((arg) => arg !== '--full') : [];
  // A test named on the command line runs even if it belongs to the full run.
  if (isFull || patterns.length > 0) process.env['HOLDFAST_TEST_FULL'] = '1';
  if (isFull) {
    process.env[ORDER_ENV] ??= String(1 + Math.floor(Math.random() * 1_000_000));
    process.stdout.write(`scenarios run in the order of seed ${process.env[ORDER_ENV]}: ${ORDER_ENV} repeats it\n`);
  }
  if (patterns.length > 0) {
    await tests({ name: 'test-report', args: patterns }, count);
    return undefined;
  }
  const commit = await readCommit('all');
  if (part !== undefined && part > 1) await partTests(part, count);
  else await allTests(count, isFull);
  for (const line of describeSkipped(count.skipped, isFull ? [] : [...onlyInFull(REPOSITORY).keys()])) {
    process.stdout.write(`skipped: ${line}\n`);
  }
  if (part !== undefined) {
    await keepResult(part, commit, count);
    return undefined;
  }
  return await localStackTests(count, isFull);
}

/** Version managers put a slow script before Python, which tests start hundreds of times: 0.1 s of a processor each. */
function findPythonFirst(): void {
  const [node, ...others] = (process.env['PATH'] ?? '').split(path.delimiter);
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8', timeout: 20_000 }).trim();
  process.env['PATH'] = [node, path.dirname(python), ...others].join(path.delimiter);
}

findPythonFirst();
const args = process.argv.slice(2);
let part: number | undefined;
try {
  if (args.includes('--part')) part = partOf(args[args.indexOf('--part') + 1]);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(2);
}
const count: Count = { passed: 0, failed: 0, failures: [], skipped: [] };
const skipped = await run(args, part, count);
if (skipped !== undefined) process.stdout.write(`${skipped}\n`);
for (const failure of count.failures) process.stdout.write(`failed: ${failure}\n`);
process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`);
await endWith(async () => (count.failed === 0 && count.passed > 0 ? 0 : 1));
