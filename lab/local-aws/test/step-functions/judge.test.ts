import { describe, expect, it } from 'vitest';
import type { Difference } from './differences.ts';
import { judge } from './judge.ts';

const KNOWN: Difference = {
  interpreter: 'default emulator',
  row: 'one',
  observed: { status: 'FAILED' },
  right: 'AWS is right.',
  harmless: 'No definition does that.',
};
const differing = (status: string) => judge('default emulator', [{ row: 'one', result: 'differs', observed: { status } }], [KNOWN]);

describe('results of the table', () => {
  it('count what agrees, differs and was not run', () => {
    const results = [
      { row: 'one', result: 'agrees', observed: 1 },
      { row: 'two', result: 'not run', why: 'no Map' },
    ] as const;
    const { report, problems } = judge('simulation', results, [KNOWN]);
    expect(report).toEqual({ name: 'simulation', agree: 1, differ: 0, notRun: 1 });
    expect(problems).toEqual([]);
  });

  it('are a problem where they differ from AWS, unless the table knows of exactly that', () => {
    expect(differing('FAILED')).toMatchObject({ problems: [], differences: [{ row: 'one', known: 'AWS is right.' }] });
    expect(differing('SUCCEEDED').problems).toEqual([
      'one: default emulator shows {"status":"SUCCEEDED"}, which is not what AWS documents.',
    ]);
    expect(judge('another', [{ row: 'one', result: 'differs', observed: { status: 'FAILED' } }], [KNOWN]).problems).toHaveLength(1);
  });

  it('are a problem where a known difference is gone', () => {
    const { problems } = judge('default emulator', [{ row: 'one', result: 'agrees', observed: 1 }], [KNOWN]);
    expect(problems).toEqual([
      'one: default emulator agrees with AWS; remove its difference from lab/local-aws/test/step-functions/differences.ts.',
    ]);
  });
});
