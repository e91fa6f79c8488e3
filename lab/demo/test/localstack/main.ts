/**
 * `npm run test:localstack [-- --json]`: the smoke on LocalStack. The local cloud starts there, and runs a deploy, a sweep and an incident of
 * test/e2e. Exits 0 only if each passed, and also, with one sentence, where this machine lacks what LocalStack needs.
 */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { endWith } from '../../../../cli/output.ts';
import { ensureLocalStack, whyNoLocalStack } from '../../../../setup/localstack.mjs';
import { REPOSITORY, runNode } from '../../../../test/run-node.ts';
import { namePattern, SCENARIOS } from './scenarios.ts';

const TEST_LIMIT_MS = 420_000;

interface Report {
  readonly numPassedTests?: number;
  readonly testResults?: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

/** Failed tests, and files that failed as a whole, whose tests count as pending. */
function failuresOf({ testResults = [] }: Report): number {
  const inFiles = testResults.map(({ status, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    return failed === 0 && status === 'failed' ? 1 : failed;
  });
  return inFiles.reduce((sum, failed) => sum + failed, 0);
}

const json = process.argv.includes('--json');

function print(result: object, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(result) : text}\n`);
}

async function main(): Promise<number> {
  const missing = whyNoLocalStack();
  if (missing !== undefined) {
    const counts = { passed: 0, failed: 0, skipped: Object.keys(SCENARIOS).length };
    print({ ...counts, iamEnforced: false, reason: missing }, `skipped: ${missing}`);
    return 0;
  }
  await ensureLocalStack();
  const report = path.join(REPOSITORY, '.holdfast/test-report-localstack.json');
  await rm(report, { force: true });
  const code = await runNode(
    [
      path.join(REPOSITORY, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--project', 'e2e', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      // LocalStack takes two to four times as long as the default emulator.
      `--testTimeout=${TEST_LIMIT_MS}`,
      ...['--testNamePattern', namePattern()],
      ...Object.keys(SCENARIOS).map((file) => `test/e2e/${file}`),
    ],
    { output: json ? 'stderr' : 'terminal', env: { HOLDFAST_TEST_EMULATOR: 'localstack', HOLDFAST_TEST_FULL: '1' } },
  );
  const results = JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as Report;
  const passed = results.numPassedTests ?? 0;
  // A crashed runner has no failure to count.
  const failed = Math.max(failuresOf(results), code === 0 && passed === Object.keys(SCENARIOS).length ? 0 : 1);
  print({ passed, failed, iamEnforced: false }, `LocalStack: ${passed} passed, ${failed} failed (IAM is not enforced)`);
  return failed === 0 ? 0 : 1;
}

await endWith(() =>
  main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    if (json) print({ error: { code: error.name, message: error.message } }, '');
    return 1;
  }),
);
