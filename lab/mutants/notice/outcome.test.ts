import { describe, expect, it } from 'vitest';
import { WHOLE_RUN } from '../matrix.ts';
import { outcomeOf } from './outcome.ts';

const file = (name: string, message: string, ...failureMessages: string[]) => ({
  name: `/copy/test/${name}.test.ts`,
  status: message === '' && failureMessages.length === 0 ? 'passed' : 'failed',
  message,
  assertionResults: [
    { status: 'passed', fullName: 'a', failureMessages: [] },
    ...failureMessages.map((text) => ({ status: 'failed', fullName: 'b', failureMessages: [text] })),
  ],
});

const outcome = (...testResults: ReturnType<typeof file>[]) =>
  outcomeOf(testResults.some(({ status }) => status === 'failed') ? 1 : 0, { testResults }, '/copy');
const SLOW = ['Error: Test timed out in 20000ms.\nIf this is a long test', 'Error: not within 5000 ms: the server answers'];

describe('a run of tests', () => {
  it('that passes notices nothing', () => {
    expect(outcome(file('x', ''))).toEqual({ failed: [], isDoubtful: false });
  });

  it('that fails names its files', () => {
    expect(outcome(file('x', ''), file('y', '', 'AssertionError: expected 1 to be 2'))).toEqual({
      failed: ['test/y.test.ts'],
      isDoubtful: false,
    });
    expect(outcome(file('z', 'no such export'))).toEqual({ failed: ['test/z.test.ts'], isDoubtful: false });
  });

  it.each(SLOW)('that fails with "%s" can be a slow machine', (reason) => {
    expect(outcome(file('x', '', reason))).toEqual({ failed: ['test/x.test.ts'], isDoubtful: true });
  });

  it('that fails for another reason as well is no slow machine', () => {
    expect(outcome(file('x', '', ...SLOW, 'expected 1 to be 2')).isDoubtful).toBe(false);
  });

  it('that fails without a reason, as with a hook that ran out of time, can be a slow machine', () => {
    const hook = { ...file('x', ''), status: 'failed' };
    expect(outcome(hook)).toEqual({ failed: ['test/x.test.ts'], isDoubtful: true });
  });

  it('that did not end can be a slow machine', () => {
    expect(outcomeOf(undefined, {}, '/copy')).toEqual({ failed: [], isDoubtful: true });
  });

  it('that fails as a whole, as when nothing can be loaded, can be a slow machine', () => {
    expect(outcomeOf(1, {}, '/copy')).toEqual({ failed: [WHOLE_RUN], isDoubtful: true });
    expect(outcomeOf(1, { testResults: [file('x', '')] }, '/copy')).toEqual({ failed: [WHOLE_RUN], isDoubtful: true });
  });
});
