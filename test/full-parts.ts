/** `npm run test:full -- --part N/4`: what belongs to the full run alone, in parts that take about the same time. */
import { globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { filesForEachEngine } from './files-for-each-engine.ts';
import { inFullRun, secondsOf } from './recorded-seconds.ts';

export const PARTS = 4;
/** Stands for the smoke on LocalStack among the files of a part. */
export const LOCALSTACK = 'the smoke on LocalStack';

/**
 * Scenarios mostly wait: on two local clouds, side by side, those of the full run take little more than half the time. `npm test` waits for
 * its parts, so that a second cloud would only take processors from them.
 */
const CHAINS = 2;

/** Assumed for scenarios without a recorded time: they take minutes. */
const NEW_SCENARIO_SECONDS = 120;

/**
 * Files and suites in groups whose sums are as equal as the longest ones allow: each goes to the group that has least, the longest first.
 * The same in every run.
 */
export function balance(seconds: ReadonlyMap<string, number>, groups: number): string[][] {
  const filled = Array.from({ length: groups }, () => ({ names: [] as string[], sum: 0 }));
  for (const [name, own] of [...seconds].sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))) {
    const least = filled.reduce((best, group) => (group.sum < best.sum ? group : best));
    least.names.push(name);
    least.sum += own;
  }
  return filled.map(({ names }) => names.sort());
}

const expectedSeconds = (file: string): number =>
  secondsOf(inFullRun(file), secondsOf(file, file.startsWith('test/e2e/') ? NEW_SCENARIO_SECONDS : undefined));

/** Test files that `npm test` leaves out, or does not run whole, and the smoke on LocalStack. */
export function onlyInFull(repository: string): ReadonlyMap<string, number> {
  const files = globSync('{test,lab}/**/*.test.ts', { cwd: repository }).map((file) => file.replaceAll(path.sep, '/'));
  const onTheOtherEngine = new Set(filesForEachEngine());
  const isOnlyInFull = (file: string) =>
    file.endsWith('.full.test.ts') ||
    onTheOtherEngine.has(file) ||
    /\/full-run\.ts'|\bSTORE_ENGINES\b/.test(readFileSync(path.join(repository, file), 'utf8'));
  const found = files.filter(isOnlyInFull).map((file): [string, number] => [file, expectedSeconds(file)]);
  // Nothing runs beside it.
  return new Map([...found, [LOCALSTACK, CHAINS * secondsOf(LOCALSTACK, 1_800)]]);
}

/** @param part from 2: part 1 is `npm test` */
export const filesOfPart = (repository: string, part: number): readonly string[] =>
  balance(onlyInFull(repository), PARTS - 1)[part - 2] as string[];

/** Scenarios in chains that run at the same time, each on a local cloud of its own. @param full they run whole, as in the full run */
export const chainsOf = (scenarios: readonly string[], full: boolean): readonly string[][] =>
  balance(new Map(scenarios.map((file) => [file, full ? expectedSeconds(file) : secondsOf(file)])), full ? CHAINS : 1);

/**
 * What a run says of the tests that it skipped: each file, but those that are for the full run in one line.
 * @param skipped `FILE: 2 tests`
 * @param forFull files of which the full run has more
 */
export function describeSkipped(skipped: readonly string[], forFull: readonly string[]): readonly string[] {
  const isForFull = (line: string) => forFull.includes(line.slice(0, line.lastIndexOf(':')));
  const later = skipped.filter(isForFull).length;
  return [
    ...skipped.filter((line) => !isForFull(line)),
    ...(later > 0 ? [`tests of ${later} file${later === 1 ? '' : 's'}, which are for npm run test:full`] : []),
  ];
}

export interface PartResult {
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  /** Files with tests that did not run. */
  readonly skipped: number;
  readonly failures: readonly string[];
}

/** Keeps the result of a part of one commit, so that the parts can run one after the other, and on different days. */
export function recordPart(folder: string, commit: string, part: number, result: PartResult): void {
  mkdirSync(path.join(folder, commit), { recursive: true });
  writeFileSync(path.join(folder, commit, `part-${part}.json`), `${JSON.stringify(result)}\n`);
}

/** What is known of a commit, as a line for each part. */
export function describeParts(folder: string, commit: string): string[] {
  const known = new Set(readdirSync(path.join(folder, commit)));
  return Array.from({ length: PARTS }, (_, index) => {
    const name = `part-${index + 1}.json`;
    if (!known.has(name)) return `part ${index + 1} of ${PARTS} of ${commit}: not run`;
    const { passed, failed, skipped, seconds } = JSON.parse(readFileSync(path.join(folder, commit, name), 'utf8')) as PartResult;
    return `part ${index + 1} of ${PARTS} of ${commit}: ${passed} passed, ${failed} failed, ${skipped} files with skipped tests, ${seconds} s`;
  });
}
