import { expect, it } from 'vitest';
import { secondsOfReport, tableOf, withTable } from './write-testing-page.ts';

it('keeps what each file took, by the clock', () => {
  const result = (name: string, startTime?: number, endTime?: number) => ({
    name,
    status: 'passed',
    assertionResults: [],
    startTime,
    endTime,
  });
  const report = { testResults: [result('/repo/test/a.test.ts', 1_000, 3_450), result('/repo/test/skipped.test.ts')] };
  expect(secondsOfReport(report, '/repo', { inChain: false, ofFullRun: false })).toEqual({ 'test/a.test.ts': 2.5 });
});

it('counts what came before the tests of a file, where files run one after the other', () => {
  const result = (name: string, startTime: number, endTime: number) => ({
    name,
    status: 'passed',
    assertionResults: [],
    startTime,
    endTime,
  });
  const report = {
    testResults: [
      result('/repo/test/b.full.test.ts', 9_000, 9_500),
      result('/repo/test/skipped.test.ts', 0, 0),
      result('/repo/test/a.test.ts', 1_000, 4_000),
    ],
  };
  expect(secondsOfReport(report, '/repo', { inChain: true, ofFullRun: true })).toEqual({
    'whole test/a.test.ts': 3,
    'test/b.full.test.ts': 5.5,
  });
});

it('sums the files of each suite, and says which are not recorded', () => {
  const table = tableOf({ 'test/e2e/deploy.test.ts': 80.4, 'test/e2e/rollback.test.ts': 50, 'test/e2e/faults.full.test.ts': 600 });
  expect(table).toMatch(/^\| scenarios \|.*\| 2 files, 130 s \|$/m);
  expect(table).toMatch(/^\| full run \|.*\| 1 files, 600 s \|$/m);
  expect(table).toMatch(/^\| simulation \|.*\| not recorded \|$/m);
});

it('replaces the table of the page alone, however it is padded', () => {
  const page = '# Testing\n\n| Suite   | Costs |\n| --- | --- |\n| old | 1 |\n\n## More\n\n| other | table |\n';
  expect(withTable(page, '| Suite | $1 |')).toBe('# Testing\n\n| Suite | $1 |\n\n## More\n\n| other | table |\n');
});
