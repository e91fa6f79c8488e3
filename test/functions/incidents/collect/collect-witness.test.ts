import { expect, it } from 'vitest';
import { createWitnessCollector } from '../../../../functions/incidents/collect/collect-store.ts';
import type { Witnessed } from '../../../../functions/incidents/contract/store-facts.ts';
import { fleet, request, SIGN_MS } from './request.ts';

const answer = (name: string): Witnessed => ({ fleet: name, atMs: SIGN_MS, state: 'reached', tookMs: 9, signIn: 'iam' });
const collect = (names: readonly string[]) =>
  createWitnessCollector({
    fleets: { web: fleet({ witness: true }), shop: fleet({ witness: true }), old: fleet(), ill: fleet({ witness: true }) },
    ask: async (name) => (name === 'ill' ? Promise.reject(new Error('it was ended')) : answer(name)),
    now: () => SIGN_MS,
  })(request({ fleets: names }));

it('asks each fleet that has one', async () => {
  expect(await collect(['web', 'shop'])).toEqual({ takenAtMs: SIGN_MS, facts: { fleets: [answer('web'), answer('shop')] } });
});

it('names those that have none, and those that do not answer', async () => {
  expect(await collect(['web', 'old', 'ill'])).toEqual({
    takenAtMs: SIGN_MS,
    facts: { fleets: [answer('web')] },
    gaps: ['fleet ill: Error: it was ended', 'fleets whose servers’ security group is not known were not asked'],
  });
  expect(await collect(['old'])).toEqual({ gap: expect.stringContaining('security group') });
});
