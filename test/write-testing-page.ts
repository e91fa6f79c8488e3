/**
 * `npm run docs -- testing`: after `npm test`, or a part of the full run, keeps what each file took in test/recorded-seconds.json, and
 * writes the table of docs/internals/testing.md from it. With `--print` it prints the table, and writes nothing.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LOCALSTACK } from './full-parts.ts';
import type { TestReport } from './read-report.ts';
import { inFullRun } from './recorded-seconds.ts';
import { REPOSITORY, runNode } from './run-node.ts';
import { SUITES } from './suites.ts';

type Seconds = Record<string, number>;

const RECORDED = path.join(import.meta.dirname, 'recorded-seconds.json');
const PAGE = path.join(REPOSITORY, 'docs/internals/testing.md');

const LOCALSTACK_REPORT = path.join(REPOSITORY, '.holdfast/test-report-localstack.json');

interface Report {
  /** Its files run one after the other. */
  readonly inChain: boolean;
  readonly ofFullRun: boolean;
}

const REPORTS: readonly (Report & { readonly name: string })[] = [
  { name: 'test-report-parts', inChain: false, ofFullRun: false },
  { name: 'test-report-e2e-1', inChain: true, ofFullRun: false },
  { name: 'test-report-e2e-2', inChain: true, ofFullRun: false },
  { name: 'test-report-full-parts', inChain: false, ofFullRun: true },
  { name: 'test-report-full-e2e-1', inChain: true, ofFullRun: true },
  { name: 'test-report-full-e2e-2', inChain: true, ofFullRun: true },
];

/**
 * Seconds of each file by the clock. Vitest's report has those of tests alone; what hooks took is in the time since the file before
 * ended, where files run one after the other.
 */
export function secondsOfReport({ testResults = [] }: TestReport, repository: string, { inChain, ofFullRun }: Report): Seconds {
  const known = testResults
    // A file that was skipped has no times, or the beginning of the run twice.
    .flatMap(({ name, startTime = 0, endTime = 0 }) => (endTime > startTime ? [{ name, startTime, endTime }] : []))
    .sort((a, b) => a.endTime - b.endTime);
  const seconds = known.map(({ name, startTime, endTime }, index): [string, number] => {
    const file = path.relative(repository, name);
    const beganMs = (inChain && known[index - 1]?.endTime) || startTime;
    return [ofFullRun ? inFullRun(file) : file, Math.round((endTime - beganMs) / 100) / 10];
  });
  return Object.fromEntries(seconds);
}

/** What the smoke on LocalStack took as a whole, with the start of its cloud. */
const secondsOfLocalStack = ({ startTime = 0, testResults = [] }: TestReport): number =>
  Math.round((Math.max(...testResults.map(({ endTime = startTime }) => endTime)) - startTime) / 1_000);

/** Rows of the table: what each suite proves, and the seconds that its files take one after the other. */
export function tableOf(seconds: Seconds): string {
  const rows = SUITES.map(({ name, proves, command, files }) => {
    const own = Object.entries(seconds).filter(([file]) => files?.test(file));
    const sum = Math.round(own.reduce((total, [, each]) => total + each, 0));
    return `| ${name} | ${proves} | ${command} | ${own.length > 0 ? `${own.length} files, ${sum} s` : 'not recorded'} |`;
  });
  return ['| Suite | What it proves | Run by | Costs |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The page with another table. */
export const withTable = (page: string, table: string): string => page.replace(/^\| Suite .*(?:\n\|.*)*/m, () => table);

/**
 * @param print print the table, and write nothing
 * @returns the exit code
 */
export async function writeTestingPage(print: boolean): Promise<number> {
  const before = JSON.parse(readFileSync(RECORDED, 'utf8')) as Seconds;
  const after = { ...before };
  for (const { name, ...report } of REPORTS) {
    const file = path.join(REPOSITORY, '.holdfast', `${name}.json`);
    if (existsSync(file)) Object.assign(after, secondsOfReport(JSON.parse(readFileSync(file, 'utf8')) as TestReport, REPOSITORY, report));
  }
  if (existsSync(LOCALSTACK_REPORT))
    after[LOCALSTACK] = secondsOfLocalStack(JSON.parse(readFileSync(LOCALSTACK_REPORT, 'utf8')) as TestReport);
  const kept = Object.entries(after).filter(
    ([file]) => existsSync(path.join(REPOSITORY, file.replace(/^whole /, ''))) || file === LOCALSTACK,
  );
  const sorted = Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
  if (print) {
    process.stdout.write(`${tableOf(sorted)}\n`);
    return 0;
  }
  writeFileSync(RECORDED, `${JSON.stringify(sorted, null, 2)}\n`);
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), tableOf(sorted)));
  return runNode([path.join(REPOSITORY, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', PAGE], { output: 'stderr' });
}
