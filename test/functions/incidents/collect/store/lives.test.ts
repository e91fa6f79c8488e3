/** Sessions that live for a year, in a real store, as an incident's sample finds them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { classify } from '../../../../../functions/incidents/classify/classify.ts';
import { createStoreCollector } from '../../../../../functions/incidents/collect/store/store.ts';
import { summarize } from '../../../../../functions/incidents/collect/store/summarize-sample.ts';
import type { StoreFacts } from '../../../../../functions/incidents/contract/store-facts.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../../../functions/sweep/keys/classify-key.ts';
import { type RealStore, startStore } from '../../../sweep/real-store.ts';
import { recordSince } from '../../../sweep/recorded-nodes.ts';
import { evidence, node, readingWith, server } from '../../healthy-evidence.ts';

const DAY = 86_400;
let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());

const collect = async (applicationReadsReplicas = false, record = () => recordSince(store.redis, 400 * DAY * 1_000)) => {
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

it('sessions that live 365 days, nine in ten unused for 30, are a cause of an explosion', async () => {
  const { redis } = store;
  await redis.set('dump', 'x'.repeat(200));
  const dump = await redis.dumpBuffer('dump');
  await redis.del('dump');
  for (let at = 0; at < 100; at += 1) {
    const idle = at < 10 ? 60 : (20 + at) * DAY;
    const key = `:1:django.contrib.sessions.cache${String(at).padStart(32, '0')}`;
    await redis.call('RESTORE', key, (365 * DAY - idle) * 1_000, dump, 'IDLETIME', idle);
  }
  const { dialects, ...facts } = await collect();
  const aYear = expect.closeTo(365 * DAY, -2);
  expect(dialects).toMatchObject([{ dialect: 'django', livesSeconds: { median: aYear, p90: aYear } }]);
  expect(dialects[0]?.unusedSeconds).toBeGreaterThanOrEqual(30 * DAY);
  const nodes = [node('node-1', 'primary'), node('node-2', 'replica')];
  const planted = evidence({ store: { ...facts, nodes, dialects }, readings: readingWith({ growthBytesPerHour: 9_000_000 }) });
  const finding = classify(planted, 'session-explosion');
  expect(finding).toMatchObject({ verdict: 'cause', cause: 'long-lives', confidence: 'certain' });
  expect(JSON.stringify(finding)).toMatch(
    /sessions \(django\) live 365 days; nine in ten have been unused for 30 days; their cookie lives 30 minutes/,
  );
  // Reads of replicas do not show on the primary.
  expect((await collect(true)).dialects).toMatchObject([{ unusedSeconds: null }]);
});

it('a node that was promoted an hour ago does not know when a session was used before', async () => {
  const { redis } = store;
  await redis.flushall();
  await redis.set('dump', 'x'.repeat(200));
  const dump = await redis.dumpBuffer('dump');
  await redis.del('dump');
  for (let at = 0; at < 100; at += 1) {
    const name = `:1:django.contrib.sessions.cache${String(at).padStart(32, '0')}`;
    // Its reads were not replicated: the promoted node counts from the last write.
    await redis.call('RESTORE', name, at < 90 ? 300 * DAY * 1_000 : 0, dump, 'IDLETIME', 65 * DAY);
  }
  const nodes = [node('node-1', 'primary'), node('node-2', 'replica')];
  const cookie = { name: 'SID', maxAgeSeconds: 300 * DAY, sameSite: 'Lax', secure: true, httpOnly: true, slides: true } as const;
  const servers = { servers: ['i-1', 'i-2'].map((id) => server(id, { cookie })) };
  const causeOf = (facts: StoreFacts) =>
    classify(
      evidence({ store: { ...facts, nodes }, servers, readings: readingWith({ growthBytesPerHour: 9_000_000 }) }),
      'session-explosion',
    );
  expect(causeOf(await collect())).toMatchObject({ verdict: 'cause', cause: 'long-lives' });
  expect((await collect()).dialects[0]).not.toHaveProperty('youngestIsAtLeast');

  const promoted = await collect(false, () => recordSince(redis, 3_600_000));
  expect(promoted.dialects).toMatchObject([
    { dialect: 'django', withoutTtl: 10, unusedSeconds: 3_600, unusedIsAtLeast: true, youngestIsAtLeast: true },
  ]);
  expect(causeOf(promoted)).not.toMatchObject({ verdict: 'cause', cause: 'long-lives' });
  expect(JSON.stringify(causeOf(promoted))).toContain('since the node has not been primary for a day');
  const unknown = await collect(false, async () => undefined as never);
  expect(unknown.dialects).toMatchObject([{ unusedSeconds: null, youngestWithoutTtlSeconds: null }]);
  expect(causeOf(unknown)).not.toMatchObject({ verdict: 'cause', cause: 'long-lives', confidence: 'certain' });
});

it('cuttle-cards/cuttle 1365: a cookie of 365 days filled a store that refuses writes when it is full', async () => {
  const { redis } = store;
  await redis.flushall();
  await redis.set('dump', JSON.stringify({ cookie: { originalMaxAge: 365 * DAY * 1_000, httpOnly: true } }));
  const dump = await redis.dumpBuffer('dump');
  await redis.del('dump');
  for (let at = 0; at < 100; at += 1) {
    const idle = at < 9 ? 60 : (8 + at) * DAY;
    await redis.call('RESTORE', `sess:web:${at}`, (365 * DAY - idle) * 1_000, dump, 'IDLETIME', idle);
  }
  const { dialects, sizes } = await collect();
  const full = { memoryUsedBytes: 25_000_000, memoryMaxBytes: 25_000_000, policy: 'noeviction' };
  const cookie = { name: 'SID', maxAgeSeconds: 365 * DAY, sameSite: 'Lax', secure: true, httpOnly: true, slides: true } as const;
  const planted = evidence({
    store: { nodes: [node('node-1', 'primary', full), node('node-2', 'replica', full)], dialects, sizes },
    servers: { servers: ['i-1', 'i-2'].map((id) => server(id, { cookie })) },
  });
  const finding = classify(planted, 'session-explosion');
  expect(finding).toMatchObject({ verdict: 'cause', cause: 'long-lives' });
  expect(JSON.stringify(finding)).toContain('sessions (connect-redis) live 365 days; nine in ten have been unused for 18 days');
});

it('a life is what the session declares, or its TTL when it was last used', () => {
  const key = { dialect: 'connect-redis', role: 'session', ttlSeconds: 100, idleSeconds: 20 } as const;
  const sample = [
    ...[0, 1, 2, 3, 4, 5, 6, 7].map(() => ({ ...key, declaredLifeSeconds: 1_800 })),
    key,
    { ...key, ttlSeconds: 5_000, idleSeconds: 5_000 },
    { ...key, dialect: 'gone', ttlSeconds: null },
  ];
  expect(summarize([{ keys: 11, sample }])).toMatchObject([
    { livesSeconds: { median: 1_800, p90: 10_000 }, lives: { 64: 1, 1024: 8, 8192: 1 }, unusedSeconds: 20 },
    { dialect: 'gone', livesSeconds: null, lives: {}, unusedSeconds: null },
  ]);
});
