/**
 * `npm test`: the static checks and every test, then the plain line `N passed, N failed`.
 * `npm test -- PATTERN` runs the tests whose file name matches, without the static checks; `npm run test:full` goes
 * through every scenario.
 */
import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { readSetup } from '../setup/read-setup.mjs';

const REPOSITORY = path.resolve(import.meta.dirname, '..');
const HOLDFAST = path.join(REPOSITORY, '.holdfast');

interface Count {
  passed: number;
  failed: number;
}

/** Each is one passed or failed check. */
const STATIC_CHECKS: readonly { readonly name: string; readonly script: string; readonly args: readonly string[] }[] = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['-p', '.'] },
  { name: "types of the browser's code", script: 'typescript/bin/tsc', args: ['-p', 'console/browser'] },
  { name: 'format and lint', script: '@biomejs/biome/bin/biome', args: ['check', '.'] },
  { name: 'unused files, exports and dependencies', script: 'knip/bin/knip.js', args: [] },
];

interface RunOptions {
  /** Keeps what is printed, to be printed in one piece at the end. */
  readonly held?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

function run(args: readonly string[], { held = false, env = {} }: RunOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(readSetup().node, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: REPOSITORY,
      // Vitest would keep a cache among the machine's temporary files.
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', ...env },
      stdio: held ? ['inherit', 'pipe', 'pipe'] : 'inherit',
    });
    const printed: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(printed));
      resolve(code ?? 1);
    });
  });
}

const script = (name: string) => path.join(REPOSITORY, 'node_modules', name);

async function staticChecks(count: Count): Promise<void> {
  for (const check of STATIC_CHECKS) {
    const code = await run([script(check.script), ...check.args]);
    process.stdout.write(`${code === 0 ? '✓' : '✗'} ${check.name}\n`);
    count[code === 0 ? 'passed' : 'failed'] += 1;
  }
}

interface TestRun extends RunOptions {
  /** Of the report's file. */
  readonly name: string;
  readonly args: readonly string[];
}

async function tests({ name, args, ...options }: TestRun, count: Count): Promise<void> {
  const report = path.join(HOLDFAST, `${name}.json`);
  await rm(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run([script('vitest/vitest.mjs'), 'run', ...reporters, ...args], options);
  const told = JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as { numPassedTests?: number; numFailedTests?: number };
  count.passed += told.numPassedTests ?? 0;
  // A file that cannot be loaded, or a runner that dies, has no failed test to count.
  count.failed += Math.max(told.numFailedTests ?? 0, code === 0 ? 0 : 1);
}

/** Scenarios wait for most of their time: the parts, one file at a time, go on beside them. */
async function allTests(count: Count): Promise<void> {
  await Promise.all([
    tests({ name: 'test-report-parts', args: ['--project', 'parts'], held: true, env: { HOLDFAST_TEST_WORKERS: '1' } }, count),
    tests({ name: 'test-report-e2e', args: ['--project', 'e2e'] }, count),
  ]);
}

const args = process.argv.slice(2);
const patterns = args.filter((arg) => arg !== '--full');
// A test that is asked for by name is run, whichever run it belongs to.
if (args.includes('--full') || patterns.length > 0) process.env['HOLDFAST_TEST_FULL'] = '1';
const count: Count = { passed: 0, failed: 0 };
if (patterns.length === 0) {
  await staticChecks(count);
  await allTests(count);
} else {
  await tests({ name: 'test-report', args: patterns }, count);
}
process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
