import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { FIRST_FILES_ENV } from '../../../test/last-file-sequencer.ts';
import type { TestReport } from '../../../test/read-report.ts';
import { runLimited } from '../run-limited.ts';
import { outcomeOf, type TimedOutcome } from './outcome.ts';

/** The longest that starting Vitest takes on a busy machine. */
const START_SECONDS = 60;
/** Times what the files usually take. */
const TIMES = 4;
/** A test that waits for what does not come any more is ended sooner than usual. */
const TEST_MS = 20_000;
const HOOK_MS = 60_000;

export interface Units {
  readonly checkout: string;
  readonly tests: readonly string[];
  /** That they usually take. */
  readonly seconds: number;
  /** Times the time limits. */
  readonly patience: number;
}

/**
 * Runs test files of the projects of parts in a copy of the checkout, in this order, and ends with the first that fails. A process for each:
 * what a mutant breaks there, only its own file notices.
 */
export async function runUnits({ checkout, tests, seconds, patience }: Units): Promise<TimedOutcome> {
  const report = path.join(checkout, '.holdfast', 'report.json');
  await rm(report, { force: true });
  const { code, isSlow } = await runLimited(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'parts*',
      '--isolate',
      '--maxWorkers=1',
      '--bail=1',
      `--testTimeout=${TEST_MS * patience}`,
      `--hookTimeout=${HOOK_MS * patience}`,
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...tests,
    ],
    // The nearest first: it is the one that notices most often, and Vitest would begin with the largest.
    {
      cwd: checkout,
      env: { [FIRST_FILES_ENV]: tests.map((test) => `/${test}`).join(',') },
      limitMs: 1000 * patience * (START_SECONDS + TIMES * seconds),
    },
  );
  return { ...outcomeOf(code, JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as TestReport, checkout), isSlow };
}
