import { describe, expect, it } from 'vitest';
import { readConcurrency } from '../../../../functions/deploy/dry-run/read-aws.ts';
import { whyThrottled } from '../../../../functions/deploy/rolls/judge-concurrency.ts';

describe('the functions of a deploy', () => {
  it.each([
    [1, 10, undefined],
    [2, 10, undefined],
    [3, 10, /a deploy of 3 servers at once .* up to 11 functions .* share 10 in this Region/],
    [1, 8, /^a deploy and what runs next to it need up to 9 functions/],
    [50, 1_000, undefined],
  ])('for %d servers at once with %d in the account', (atOnce, unreserved, sentence) => {
    const why = whyThrottled(atOnce, unreserved);
    if (sentence === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(sentence);
  });

  it.each([
    [{ AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 900 } }, { unreserved: 900 }],
    [{}, { unknown: 'Lambda returned no limit' }],
    [
      Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }),
      { unknown: 'Lambda did not return it: AccessDeniedException: not authorized' },
    ],
  ])('share what Lambda returns: %j', async (answer, expected) => {
    const send = async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    };
    expect(await readConcurrency({ send: send as never })()).toEqual(expected);
  });
});
