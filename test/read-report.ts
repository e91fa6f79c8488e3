import path from 'node:path';

/** The part of Vitest's JSON report that is read here. */
export interface TestReport {
  /** Milliseconds since the epoch. */
  readonly startTime?: number;
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly testResults?: readonly {
    /** Path of the file. */
    readonly name: string;
    readonly status: string;
    /** Milliseconds since the epoch. */
    readonly startTime?: number;
    readonly endTime?: number;
    /** Why the file could not be run. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Failed tests as `FILE: NAME: REASON`, and files that failed as a whole as `FILE: REASON`, of the reason the first line. */
export function failuresOf({ testResults = [] }: TestReport, repository: string): string[] {
  return testResults.flatMap(({ name, status, message = '', assertionResults }) => {
    const file = path.relative(repository, name);
    const failed = assertionResults
      .filter((result) => result.status === 'failed')
      .map(({ fullName, failureMessages = [] }) => [file, fullName.trim(), ...failureMessages.slice(0, 1).map(firstLine)].join(': '));
    if (failed.length > 0 || status !== 'failed') return failed;
    return [`${file}: ${firstLine(message) || 'it could not be run'}`];
  });
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** Those of the files that a run was asked for of which no test passed or failed, and which did not fail as a whole. */
export function withoutTests(files: readonly string[], { testResults = [] }: TestReport, repository: string): string[] {
  // A file that failed as a whole has run none either, and is named for that.
  const known = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' || assertionResults.some((one) => one.status === 'passed'),
  );
  const names = new Set(known.map(({ name }) => path.relative(repository, name)));
  return files.filter((file) => !names.has(file));
}

/** Files with tests that a run has skipped, each with their number: `FILE: 2 tests`. */
export function skippedIn({ testResults = [] }: TestReport, repository: string): string[] {
  return testResults.flatMap(({ name, assertionResults }) => {
    const skipped = assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').length;
    return skipped === 0 ? [] : [`${path.relative(repository, name)}: ${skipped} test${skipped === 1 ? '' : 's'}`];
  });
}
