import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TestReport } from '../../read-report.ts';
import { runLimited } from '../run-limited.ts';

export interface UnitsRun {
  /** Test files that failed. */
  readonly failed: readonly string[];
  /** Test files that ended, failed or not. */
  readonly ran: readonly string[];
  /** Some did not end within the limit. */
  readonly late: boolean;
}

/** The longest that starting Vitest takes on a busy machine. */
const START_SECONDS = 60;
/** A test that waits for what does not come any more is ended sooner than usual. */
const TIMEOUTS = ['--testTimeout=20000', '--hookTimeout=60000'];
/** Times what the files usually take: a mutant that is as slow as this is stuck. */
const PATIENCE = 4;

export interface Units {
  readonly checkout: string;
  readonly tests: readonly string[];
  /** That they usually take. */
  readonly seconds: number;
  /** Ends with the first file that fails. */
  readonly onlyFirst: boolean;
}

/** Runs test files of the projects of parts in a copy of the checkout. A process for each: what a mutant breaks there, only its own file notices. */
export async function runUnits({ checkout, tests, seconds, onlyFirst }: Units): Promise<UnitsRun> {
  if (tests.length === 0) return { failed: [], ran: [], late: false };
  const report = path.join(checkout, '.holdfast', 'report.json');
  await rm(report, { force: true });
  const reporters = ['--reporter=json', `--outputFile.json=${report}`];
  const { code } = await runLimited(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'parts*',
      '--isolate',
      '--maxWorkers=1',
      ...TIMEOUTS,
      ...reporters,
      ...(onlyFirst ? ['--bail=1'] : []),
      ...tests,
    ],
    { cwd: checkout, limitMs: 1000 * (START_SECONDS + PATIENCE * seconds) },
  );
  const { testResults = [] } = JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as TestReport;
  const named = (status: string) =>
    testResults.filter((result) => result.status === status).map(({ name }) => path.relative(checkout, name));
  const [failed, passed] = [named('failed'), named('passed')];
  return { failed, ran: [...failed, ...passed], late: code === undefined };
}
