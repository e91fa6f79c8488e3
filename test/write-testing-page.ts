/**
 * `npm run docs:testing`: after `npm test`, or a part of the full run, keeps what each file took in test/recorded-seconds.json, and
 * writes the table of docs/testing.md from it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestReport } from './read-report.ts';
import { REPOSITORY, runNode } from './run-node.ts';
import { SUITES } from './suites.ts';

type Seconds = Record<string, number>;

const RECORDED = path.join(import.meta.dirname, 'recorded-seconds.json');
const PAGE = path.join(REPOSITORY, 'docs/testing.md');
const REPORTS = ['test-report-parts.json', 'test-report-e2e.json', 'test-report-e2e-2.json'].map((name) => path.join(REPOSITORY, '.holdfast', name));

/** Set-up and tests of each file, by the clock. */
export function secondsOfReport({ testResults = [] }: TestReport, repository: string): Seconds {
  const known = testResults.filter(({ startTime, endTime }) => startTime !== undefined && endTime !== undefined && endTime > startTime);
  return Object.fromEntries(
    known.map(({ name, startTime = 0, endTime = 0 }) => [path.relative(repository, name), Math.round((endTime - startTime) / 100) / 10]),
  );
}

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

/** @returns the exit code */
function main(): Promise<number> {
  const before = JSON.parse(readFileSync(RECORDED, 'utf8')) as Seconds;
  const reports = REPORTS.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')) as TestReport);
  const after = Object.assign({}, before, ...reports.map((report) => secondsOfReport(report, REPOSITORY))) as Seconds;
  const kept = Object.entries(after).filter(([file]) => existsSync(path.join(REPOSITORY, file)) || !file.startsWith('test/'));
  const sorted = Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(RECORDED, `${JSON.stringify(sorted, null, 2)}\n`);
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), tableOf(sorted)));
  return runNode([path.join(REPOSITORY, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', PAGE], { output: 'stderr' });
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
