import { expect, it } from 'vitest';
import { sweepShortened } from '../../../../../functions/incidents/classify/facts/sweeps.ts';
import { rowOf } from '../../../../../functions/incidents/classify/table.ts';
import type { Evidence } from '../../../../../functions/incidents/contract/evidence.ts';

const HOUR = 3_600_000;
const SIGN_MS = 1_000 * HOUR;

it.each([
  ['SUCCEEDED', true],
  ['PAUSED', true],
  ['RUNNING', false],
  ['FAILED', false],
])('a sweep that is %s and shortened no session is certain to have shortened none: %s', (status, firm) => {
  const sweeps = [{ sweepId: 'a', startedAtMs: SIGN_MS - 20 * HOUR, status, repaired: 0, shortened: 0 }];
  const evidence = {
    firstSignMs: SIGN_MS,
    fromMs: SIGN_MS - HOUR,
    toMs: SIGN_MS,
    sources: { sweeps: { takenAtMs: SIGN_MS, facts: { sweeps } } },
  };
  expect(sweepShortened(evidence as unknown as Evidence)).toMatchObject({ truth: false, firm });
});

it('the sentence of sessions without a TTL names the setting that sweeps wait for', () => {
  const sweeps = [
    { sweepId: 'a', startedAtMs: SIGN_MS, status: 'SUCCEEDED', repaired: 0, shortened: 0, unconfirmed: ['sweep.policies.django'] },
  ];
  const evidence = { sources: { sweeps: { takenAtMs: SIGN_MS, facts: { sweeps } } } } as unknown as Evidence;
  expect(rowOf('missing-expiry')?.sentence(evidence)).toContain('sweeps leave them until sweep.policies.django is set to "expire"');
});
