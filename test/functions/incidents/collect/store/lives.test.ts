/** Sessions that live for a year, in a real store, as an incident's sample finds them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStoreCollector, summarize } from '../../../../../functions/incidents/collect/store/store.ts';
import type { StoreFacts } from '../../../../../functions/incidents/contract/store-facts.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../../../functions/sweep/keys/classify-key.ts';
import { type RealStore, startStore } from '../../../sweep/real-store.ts';
import { recordSince } from '../../../sweep/recorded-nodes.ts';

const DAY = 86_400;
let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());

const _collect = async (applicationReadsReplicas = false, record = () => recordSince(store.redis, 400 * DAY * 1_000)) => {
  const collected = await createStoreCollector({
    endpoint: async () => ({ name: 'primary', host: '', port: 0, info: () => store.redis.info() }),
    nodes: async () => [],
    record,
    connect: () => store.connect(),
    databases: [0],
    classify: createClassify(DEFAULT_SWEEP_SETTINGS),
    applicationReadsReplicas,
    now: Date.now,
  })({ incidentId: 'inc-1', runbook: 'session-explosion', fleets: ['web'], fromMs: 0, toMs: 1, firstSignMs: 0, hashKey: 'ab'.repeat(32) });
  return (collected as { facts: StoreFacts }).facts;
};

it('a life is what the session declares, or its TTL when it was last used', () => {
  const key = { dialect: 'connect-redis', role: 'session', ttlSeconds: 100, idleSeconds: 20 } as const;
  const sample = [
    ...[0, 1, 2, 3, 4, 5, 6, 7].map(() => ({ ...key, declaredLifeSeconds: 1_800 })),
    key,
    { ...key, ttlSeconds: 5_000, idleSeconds: 5_000 },
    { ...key, dialect: 'gone', ttlSeconds: null },
  ];
  expect(summarize([{ keys: 11, sample }])).toMatchObject([
    { livesSeconds: { median: 1_800, p90: 10_000 }, lives: { 64: 1, 1024: 8, 8192: 1 } },
    { dialect: 'gone', livesSeconds: null, lives: {} },
  ]);
});
