import { describe, expect, it } from 'vitest';
import { failuresOf, skippedIn, withoutTests } from './read-report.ts';

const file = (status: string, results: readonly [string, string][] = [], message = '') => ({
  name: '/repository/test/a.test.ts',
  status,
  message,
  assertionResults: results.map(([result, fullName]) => ({ status: result, fullName })),
});

describe('failuresOf', () => {
  it('names a failed test with its file', () => {
    const report = {
      testResults: [
        file('failed', [
          ['passed', 'a holds'],
          ['failed', ' a breaks'],
        ]),
      ],
    };
    expect(failuresOf(report, '/repository')).toEqual(['test/a.test.ts: a breaks']);
  });

  it('gives the first line of why it failed', () => {
    const failed = { status: 'failed', fullName: 'a breaks', failureMessages: ['Error: expected 1 to be 2\n    at …', 'another'] };
    const report = { testResults: [{ ...file('failed'), assertionResults: [failed] }] };
    expect(failuresOf(report, '/repository')).toEqual(['test/a.test.ts: a breaks: Error: expected 1 to be 2']);
  });

  it('names a file that failed as a whole with the first line of the reason', () => {
    expect(failuresOf({ testResults: [file('failed', [['skipped', 'a']], 'no such module\nat …')] }, '/repository')).toEqual([
      'test/a.test.ts: no such module',
    ]);
    expect(failuresOf({ testResults: [file('failed')] }, '/repository')).toEqual(['test/a.test.ts: it could not be run']);
  });

  it('has nothing to say of files that passed, nor of a run without a report', () => {
    expect(failuresOf({ testResults: [file('passed', [['passed', 'a']])] }, '/repository')).toEqual([]);
    expect(failuresOf({}, '/repository')).toEqual([]);
  });
});

it('skippedIn names files with the number of their tests that did not run', () => {
  const one = file('passed', [
    ['passed', 'a'],
    ['skipped', 'b'],
  ]);
  const two = file('passed', [
    ['pending', 'a'],
    ['todo', 'b'],
  ]);
  expect(skippedIn({ testResults: [one, two, file('failed', [['failed', 'a']])] }, '/repository')).toEqual([
    'test/a.test.ts: 1 test',
    'test/a.test.ts: 2 tests',
  ]);
});

it('withoutTests names what a run was asked for and of which nothing ran', () => {
  const report = {
    testResults: [file('passed', [['skipped', 'a']]), { ...file('passed', [['passed', 'b']]), name: '/repository/test/b.test.ts' }],
  };
  expect(withoutTests(['test/a.test.ts', 'test/b.test.ts', 'test/c.test.ts'], report, '/repository')).toEqual([
    'test/a.test.ts',
    'test/c.test.ts',
  ]);
  expect(withoutTests(['test/a.test.ts'], {}, '/repository')).toEqual(['test/a.test.ts']);
  // What failed as a whole is named for that already.
  expect(withoutTests(['test/a.test.ts'], { testResults: [file('failed', [], 'no such module')] }, '/repository')).toEqual([]);
});
