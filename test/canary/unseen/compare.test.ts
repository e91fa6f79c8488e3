/** What counts as agreement with the truth. */
import { describe, expect, it } from 'vitest';
import { compareWithTruth } from './examine-unseen.ts';

const lines = (...given: readonly Record<string, string>[]) => ({ lines: given }) as unknown as Parameters<typeof compareWithTruth>[2];

describe('a comparison with the truth', () => {
  const truth = {
    caching: { findings: ['page-cacheable'], seen: '' },
    transport: { findings: [], seen: '' },
    'time-outs': { notChecked: 'long' },
  };
  it.each([
    ['agrees', lines({ check: 'caching', finding: 'page-cacheable' }, { check: 'transport', result: 'holds' }), [2, 2, 0, 0, 0]],
    ['has a false pass', lines({ check: 'caching', result: 'holds' }, { check: 'transport', result: 'holds' }), [2, 1, 1, 0, 0]],
    [
      'has a false finding',
      lines({ check: 'caching', finding: 'page-cacheable' }, { check: 'transport', finding: 'no-hsts' }),
      [2, 1, 0, 1, 0],
    ],
    ['has a check too few', lines({ check: 'caching', result: 'not-checked' }, { check: 'transport', result: 'holds' }), [2, 1, 0, 0, 1]],
    [
      'holds for one cookie, and another is no id',
      lines(
        { check: 'caching', finding: 'page-cacheable' },
        { check: 'transport', result: 'holds' },
        { check: 'transport', result: 'not-checked' },
      ),
      [2, 2, 0, 0, 0],
    ],
    ['says nothing of a check', lines({ check: 'caching', finding: 'page-cacheable' }), [2, 1, 0, 0, 1]],
    [
      'finds what does not apply',
      lines(
        { check: 'caching', finding: 'page-cacheable' },
        { check: 'transport', result: 'holds' },
        { check: 'time-outs', finding: 'no-idle-end' },
      ),
      [2, 2, 0, 1, 0],
    ],
  ] as const)('%s', (_, report, counts) => {
    const { checks, agree, falsePass, falseFinding, notCheckedWrongly } = compareWithTruth('app', truth, report);
    expect([checks, agree, falsePass.length, falseFinding.length, notCheckedWrongly.length]).toEqual(counts);
  });
});
