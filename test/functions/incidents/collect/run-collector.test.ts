import { expect, it } from 'vitest';
import { COLLECTOR_LIMIT_MS, type Collectors, createCollect, hashKeyOf } from '../../../../functions/incidents/collect/run-collector.ts';
import type { CollectRequest } from '../../../../functions/incidents/contract/environment.ts';
import type { CollectStep } from '../../../../functions/incidents/contract/steps.ts';

const ID = 'inc-000000000001';
const run: CollectStep['run'] = {
  ...{ incidentId: ID, runbook: 'logged-out', fleets: ['web'], fromMs: 0, toMs: 1, firstSignMs: 1, run: 2, executionArn: 'arn:1' },
  dryRun: false,
};

function collecting(collectors: Collectors, isLate = false, secret: () => Promise<string> = async () => 'secret', changesByMs?: number) {
  const stored = new Map<string, unknown>();
  const collect = createCollect({
    collectors,
    putJson: async (key, value) => void stored.set(key, value),
    secret,
    ...(isLate && { limitMs: 1 }),
  });
  return {
    stored,
    collect: (source: CollectStep['source']) =>
      collect({ step: 'collect', run: { ...run, ...(changesByMs !== undefined && { changesByMs }) }, source }),
  };
}
const facts = { sweeps: [] };
const TIMES = { beganAtMs: expect.any(Number), endedAtMs: expect.any(Number) };

it('a source is stored under its name, with a key for its hashes that is the incident’s own', async () => {
  let asked: CollectRequest | undefined;
  const { collect, stored } = collecting({
    sweeps: async (request) => {
      asked = request;
      return { takenAtMs: 1, facts };
    },
  });
  expect(await collect('sweeps')).toEqual({ source: 'sweeps', ...TIMES });
  expect(stored.get(`_incidents/${ID}/2/sweeps.json`)).toEqual({ takenAtMs: 1, facts });
  expect(asked).toMatchObject({ incidentId: ID, fleets: ['web'], hashKey: hashKeyOf('secret', ID) });
  expect(hashKeyOf('secret', 'inc-000000000002')).not.toBe(asked?.hashKey);
});

it.each<[string, ReturnType<typeof collecting>, string]>([
  ['fails', collecting({ sweeps: () => Promise.reject(new Error('it is throttled')) }), 'throttled'],
  ['does not answer', collecting({ sweeps: () => new Promise(() => {}) }, true), 'did not answer within 0.001 s'],
  ['is not there', collecting({}), 'no such source'],
  [
    'has no key for its hashes',
    collecting({ sweeps: async () => ({ takenAtMs: 1, facts }) }, false, () => Promise.reject(new Error('no key'))),
    'no key',
  ],
])('a source that %s is a gap with its reason, and no failed step', async (_, { collect, stored }, why) => {
  expect(await collect('sweeps')).toEqual({ source: 'sweeps', gap: expect.stringContaining(why), ...TIMES });
  expect([...stored.values()]).toEqual([{ gap: expect.stringContaining(why) }]);
});

it('a source has less time than the function, so that what it gave can be stored', () => {
  expect(COLLECTOR_LIMIT_MS).toBeLessThanOrEqual(55_000);
});

it('changes that a run leaves to the re-check are not looked up, and when they are is their gap', async () => {
  let asked = 0;
  const changes = async () => {
    asked += 1;
    return { gap: 'x' };
  };
  const { collect } = collecting(
    { changes, sweeps: async () => ({ takenAtMs: 1, facts }) },
    false,
    undefined,
    Date.parse('2026-11-22T03:21:05Z'),
  );
  expect(await collect('changes')).toEqual({
    source: 'changes',
    gap: expect.stringMatching(/the next re-check reads them, by 03:21 UTC$/),
    ...TIMES,
  });
  expect(asked).toBe(0);
  expect(await collect('sweeps')).toEqual({ source: 'sweeps', ...TIMES });
});
