import { expect, it } from 'vitest';
import { renderWitnessed } from '../../../cli/store/from-fleet.ts';
import { cannotSee, type Witnessed } from '../../../functions/incidents/contract/store-facts.ts';

const REACHED: Witnessed = { fleet: 'web', atMs: 0, state: 'reached', signIn: 'iam', signInMs: 12, tookMs: 15 };

it('says what works, how long it took, and what it does not show', () => {
  const text = renderWitnessed(REACHED);
  expect(text).toContain(
    'From the network of fleet web: the store works: a key was written, read and removed; signed in by IAM after 12 ms',
  );
  for (const one of cannotSee(REACHED)) expect(text).toContain(one);
});

it('says why it does not, with the error', () => {
  const text = renderWitnessed({
    fleet: 'web',
    atMs: 0,
    state: 'unreachable',
    unreachableReason: 'timeout',
    signIn: 'password',
    tookMs: 8_000,
    error: 'no answer within 8 s',
  });
  expect(text).toMatch(/the store cannot be reached \(timeout\); after 8000 ms\.\nError: no answer within 8 s/);
  expect(text).toContain('a password that servers still have in memory');
});
