/** Some cases from people to alarms; `npm run bench:alarms` has all of them. */
import { expect, it } from 'vitest';
import { bench } from '../../alarms/bench.ts';
import { wrongOf } from '../../alarms/judge.ts';

const QUICK = [
  'one-of-six-answers-500',
  'rule-to-servers-revoked',
  'rotated-store-password',
  'all-sent-to-login-read-every-5-minutes',
  'campaign',
];

it('fires in time, and not on an ordinary day', { timeout: 60_000 }, async () => {
  const result = await bench({ only: QUICK, seed: 'quick', ordinaryMinutes: 600 });
  expect(wrongOf(result, [])).toEqual([]);
  expect([...result.mustFire, ...result.mustNot]).toHaveLength(QUICK.length);
});
