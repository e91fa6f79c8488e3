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
const REPORT = path.join(REPOSITORY, '.holdfast', 'test-report.json');

interface Count {
  passed: number;
  failed: number;
}

/** Each is one passed or failed check. */
const STATIC_CHECKS: readonly { readonly name: string; readonly script: string; readonly args: readonly string[] }[] = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'format and lint', script: '@biomejs/biome/bin/biome', args: ['check', '.'] },
  { name: 'unused files, exports and dependencies', script: 'knip/bin/knip.js', args: [] },
];

function run(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(readSetup().node, ['--disable-warning=ExperimentalWarning', ...args], { cwd: REPOSITORY, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
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

async function tests(patterns: readonly string[], count: Count): Promise<void> {
  await rm(REPORT, { force: true });
  const code = await run([
    script('vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${REPORT}`,
    ...patterns,
  ]);
  const report = JSON.parse(await readFile(REPORT, 'utf8').catch(() => '{}')) as { numPassedTests?: number; numFailedTests?: number };
  count.passed += report.numPassedTests ?? 0;
  // A file that cannot be loaded, or a runner that dies, has no failed test to count.
  count.failed += Math.max(report.numFailedTests ?? 0, code === 0 ? 0 : 1);
}

const args = process.argv.slice(2);
const patterns = args.filter((arg) => arg !== '--full');
// A test that is asked for by name is run, whichever run it belongs to.
if (args.includes('--full') || patterns.length > 0) process.env['HOLDFAST_TEST_FULL'] = '1';
const count: Count = { passed: 0, failed: 0 };
if (patterns.length === 0) await staticChecks(count);
await tests(patterns, count);
process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
