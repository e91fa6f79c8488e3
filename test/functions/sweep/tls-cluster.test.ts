/** A store in cluster mode whose nodes accept only TLS: swept and read by the host names that they announce. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createStoreNodes } from '../../../functions/collect/store-nodes.ts';
import type { NodeAddress } from '../../../functions/shared/store/cluster-slots.ts';
import { createStoreConnector } from '../../../functions/shared/store/store-connection.ts';
import { createStoreLogin } from '../../../functions/shared/store/store-login.ts';
import type { StoreSettings } from '../../../functions/shared/store/store-settings.ts';
import { DEFAULT_SWEEP_SETTINGS, type SweepSettings } from '../../../functions/sweep/contract/settings.ts';
import type { Begun } from '../../../functions/sweep/contract/steps.ts';
import { replicationState } from '../../../functions/sweep/replica/open-reader.ts';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { createSweep } from '../../../functions/sweep/sweep.ts';
import { memoryBaseline } from '../fakes/memory-baseline.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { testCollector } from '../fakes/test-collector.ts';
import { COOKIE } from './planted.ts';
import { type RealCluster, startCluster } from './real-cluster.ts';
import { type RealStore, snapshot } from './real-store.ts';
import { begin, beginOf, portsOf, sweepToEnd } from './steps-of-sweep.ts';
import { makeTls, type StoreTls } from './store-tls.ts';

/** Without an answer a sweep asks before it repairs sessions of which none has a TTL. */
const SETTINGS: SweepSettings = { ...DEFAULT_SWEEP_SETTINGS, pace: 'fast', policies: { 'connect-redis': 'expire' } };

vi.setConfig({ hookTimeout: 90_000, testTimeout: 90_000 });

const KEYS = 300;

let tls: StoreTls;
let cluster: RealCluster;
let endpoint: StoreSettings;
let asked: string[];
beforeAll(async () => {
  tls = await makeTls();
  cluster = await startCluster(3, tls);
  endpoint = { host: 'localhost', port: (cluster.primaries.at(-1) as RealStore).port, tls: true, auth: { mode: 'none' } };
  asked = [];
  for (let at = 0; at < KEYS; at += 1) await (await cluster.primaryOf(`sess:${at}`)).redis.set(`sess:${at}`, COOKIE);
});
afterAll(async () => {
  await cluster?.stop();
  tls?.remove();
});

const connect = (settings: StoreSettings) => {
  asked.push(`${settings.host}:${settings.port}`);
  return createStoreConnector(settings, createStoreLogin(settings.auth, {}, Date.now), { ca: tls.caPem })();
};
const named = (stores: readonly RealStore[]) => stores.map(({ port }) => `localhost:${port}`).toSorted();

it('every shard is swept at its primary', async () => {
  const sweep = createSweep({
    connect: (node: NodeAddress = endpoint) => connect({ ...endpoint, ...node }),
    storeName: 'store:6379',
    records: memorySweepRecords(),
    storeNodes: async () => undefined,
    saveReport: async () => undefined,
    ...memoryBaseline(),
    metrics: { swept: () => undefined },
    log: { info: () => undefined, warn: () => undefined },
    settings: SETTINGS,
    now: Date.now,
    pause: async () => undefined,
    budgetMs: 20_000,
  });
  const begun = (await sweep(beginOf('one', {}))) as Begun;
  expect(begun.shards).toHaveLength(3);
  for (const shard of begun.shards) expect(await sweep({ step: 'sweepShard', ...begun, shard })).toMatchObject({ verdict: 'DONE' });
  expect(await sweep({ step: 'report', ...begun })).toMatchObject({ keys: KEYS, repaired: KEYS });
  for (const { redis } of cluster.primaries) for (const { ttl } of (await snapshot(redis)).values()) expect(ttl).toBeGreaterThan(0);
  expect([...new Set(asked)].toSorted()).toEqual(named(cluster.primaries));
});

it('every node is read by the collector, each key once', async () => {
  const reading = await testCollector({ nodes: createStoreNodes(endpoint, {}, connect) })();
  expect(reading).toMatchObject({ keys: KEYS, withoutTtl: 0, replicas: 1 });
  expect(reading.nodes.map(({ name }) => name).toSorted()).toEqual(named([...cluster.primaries, cluster.replica]));
  expect(reading.nodes.filter((node) => 'error' in node)).toEqual([]);
});

it('a shard with a replica is read there, by the host name on record, and repaired on its primary', async () => {
  const nodes = await Promise.all(
    [...cluster.primaries, cluster.replica].map(async ({ port, redis }) => {
      const { runId, role, replicationId, linkUp } = replicationState(await redis.info());
      return { name: `localhost:${port}`, host: 'localhost', port, runId, role, replicationId, linkUp };
    }),
  );
  for (const { redis } of cluster.primaries) for (const key of await redis.keys('*')) await redis.persist(key);
  const reports: SweepReport[] = [];
  const storeNodes = async () => ({ takenAtMs: Date.now(), nodes });
  const ports = portsOf((node = endpoint) => connect({ ...endpoint, ...node }), reports, { storeNodes, settings: SETTINGS });
  asked = [];
  const { summary } = await sweepToEnd(ports, await begin(ports, 'two'));
  expect(summary).toMatchObject({ keys: KEYS, repaired: KEYS });
  expect(reports[0]?.shards.map(({ readFrom }) => readFrom)).toEqual(['replica', 'primary', 'primary']);
  expect(asked).toContain(`localhost:${cluster.replica.port}`);
});
