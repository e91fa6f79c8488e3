import { describe, expect, it } from 'vitest';
import { countsOf, skippedLine } from './in-npm-test.ts';

describe('the smoke on LocalStack in npm test', () => {
  it('is skipped, visibly, where this machine lacks what it needs, in npm run test:full as well', () => {
    const line = 'skipped: the smoke on LocalStack: LocalStack needs Python 3.13.';
    expect([false, true].map((full) => skippedLine('LocalStack needs Python 3.13.', full))).toEqual([line, line]);
  });

  it('is skipped, visibly, where it could run, and runs in npm run test:full', () => {
    expect(skippedLine(undefined, false)).toMatch(/^skipped: the smoke on LocalStack: it takes a quarter of an hour.*"npm run test:full"/);
    expect(skippedLine(undefined, true)).toBeUndefined();
  });

  it.each([
    ['{"passed":40,"failed":2,"skipped":3}\n', { passed: 40, failed: 2 }],
    ['set-up\n{"passed":40,"failed":0}\n', { passed: 40, failed: 0 }],
    ['{"error":{"code":"SetupError"}}\n', { passed: 0, failed: 1 }],
    ['', { passed: 0, failed: 1 }],
  ])('counts %j', (printed, counts) => {
    expect(countsOf(printed)).toEqual(counts);
  });
});
