/** The nodes of a real store in cluster mode, found by any of them. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createStoreNodes } from '../../../functions/collect/store-nodes.ts';
import { createStoreConnector } from '../../../functions/shared/store/store-connection.ts';
import { createStoreLogin } from '../../../functions/shared/store/store-login.ts';
import { testCollector } from '../fakes/test-collector.ts';
import { type RealCluster, startCluster } from '../sweep/real-cluster.ts';
import type { RealStore } from '../sweep/real-store.ts';

vi.setConfig({ hookTimeout: 90_000 });

let cluster: RealCluster;
beforeAll(async () => {
  cluster = await startCluster(3);
});
afterAll(() => cluster?.stop());

it.each(['a primary', 'a replica'])('are all read, each key once, when %s is asked', async (asked) => {
  for (const { redis } of cluster.primaries) await redis.flushall();
  for (let at = 0; at < 60; at += 1) await (await cluster.primaryOf(`sess:${at}`)).redis.set(`sess:${at}`, 'x', 'EX', at < 50 ? 600 : 9);
  await (await cluster.primaryOf('left')).redis.set('left', 'x');
  const { port } = asked === 'a replica' ? cluster.replica : (cluster.primaries[1] as RealStore);
  const settings = { host: '127.0.0.1', port, tls: false, auth: { mode: 'none' } } as const;
  const login = createStoreLogin(settings.auth, {}, Date.now);
  const collect = testCollector({ nodes: createStoreNodes(settings, {}, (node) => createStoreConnector(node, login)()) });
  const reading = await collect();
  expect(reading).toMatchObject({ keys: 61, withoutTtl: 1, replicas: 1 });
  expect(reading.nodes.map((node) => ('role' in node ? node.role : node.error)).toSorted()).toEqual([
    'primary',
    'primary',
    'primary',
    'replica',
  ]);
});
