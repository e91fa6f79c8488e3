/** Sweeps of a store in cluster mode: three primaries, one with a replica. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../functions/sweep/contract/settings.ts';
import type { Begun, SweepInput } from '../../../functions/sweep/contract/steps.ts';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { openSweepStore } from '../../../functions/sweep/store/open-sweep-store.ts';
import type { RepairRequest } from '../../../functions/sweep/store/sweep-store.ts';
import { createSweep, type SweepPorts } from '../../../functions/sweep/sweep.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { memoryBaseline } from '../fakes/memory-baseline.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { COOKIE } from './planted.ts';
import { type RealCluster, startCluster } from './real-cluster.ts';
import { type RealStore, snapshot } from './real-store.ts';
import { primariesSince, runSweep } from './run-sweep.ts';
import { beginOf } from './steps-of-sweep.ts';

vi.setConfig({ testTimeout: 90_000 });

let cluster: RealCluster;
let ports: SweepPorts;
let reports: SweepReport[];
beforeAll(async () => {
  cluster = await startCluster(3);
});
beforeEach(async () => {
  for (const { redis } of cluster.primaries) await redis.flushall();
  reports = [];
  ports = {
    connect: (node) => cluster.connect(node),
    storeName: 'store:6379',
    records: memorySweepRecords(),
    storeNodes: () =>
      primariesSince(
        cluster.primaries.map(({ redis }) => redis).filter(({ status }) => status === 'ready'),
        0,
      ),
    saveReport: async (_, report) => void reports.push(report),
    ...memoryBaseline(),
    metrics: { swept: () => undefined },
    log: { info: () => undefined, warn: () => undefined },
    // Without an answer a sweep asks before it repairs sessions of which none has a TTL.
    settings: { ...DEFAULT_SWEEP_SETTINGS, pace: 'fast', jitterSeconds: 0, policies: { 'connect-redis': 'expire', phpredis: 'expire' } },
    now: Date.now,
    pause: async () => undefined,
    budgetMs: 20_000,
  };
});
afterAll(() => cluster?.stop());

async function plant(keys: readonly string[]): Promise<void> {
  for (const key of keys) await (await cluster.primaryOf(key)).redis.set(key, COOKIE);
}
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at}`);
const ttlsOf = async (store: RealStore) => [...(await snapshot(store.redis)).values()].map(({ ttl }) => ttl);

const begin = (name: string, input: SweepInput = {}) => createSweep(ports)(beginOf(name, input)) as Promise<Begun>;
const step = async ({ sweep, shards }: Begun, shard: string, budgetMs = 20_000) =>
  ((await createSweep({ ...ports, budgetMs })({ step: 'sweepShard', sweep, shard, shards })) as { verdict: string }).verdict;
/** Every shard to its end, and the report. */
async function goThrough(begun: Begun) {
  for (const shard of begun.shards) {
    let verdict = '';
    for (let turn = 0; verdict !== 'DONE' && turn < 100; turn += 1) verdict = await step(begun, shard);
  }
  return createSweep(ports)({ step: 'report', ...begun });
}

it('has a branch for each primary, and one report of them all', async () => {
  const keys = [...numbered('sess:', 300), ...numbered('sess:{tag}:', 50)];
  await plant(keys);
  const begun = await begin('one');
  expect(begun.shards).toEqual(['0-5460', '5461-10921', '10922-16383']);
  expect(await goThrough(begun)).toMatchObject({ keys: 350, repaired: 350, withoutTtl: 350 });
  expect(reports[0]?.shards.map((shard) => shard.keys > 50)).toEqual([true, true, true]);
  for (const primary of cluster.primaries) expect(Math.min(...(await ttlsOf(primary)))).toBeGreaterThan(80_000);
});

it('reads each shard in parts: of its slots where the engine has a table for each', async () => {
  for (const [at, { redis, connect }] of cluster.primaries.entries()) {
    const pipeline = redis.pipeline();
    for (let key = 0; key < 3_000; key += 1) pipeline.set(`PHPREDIS_SESSION:${key}`, 'x'); // those of other primaries are refused
    await pipeline.exec();
    const keys = await redis.dbsize();
    const shard = ['0-5460', '5461-10921', '10922-16383'][at] as string;
    const checkpoint = await runSweep(connect, { shard, reading: { parts: 3 } });
    const repaired = checkpoint.tally.byDialect['phpredis']?.repaired;
    expect([checkpoint.restarts, checkpoint.parts.length, repaired]).toEqual([0, 3, keys]);
    if (DEFAULT_ENGINE.engine === 'valkey')
      expect(checkpoint.parts.map(({ until }) => until)).toEqual(
        [
          ['1820', '3640', '0'],
          ['7281', '9101', '0'],
          ['12742', '14563', '0'],
        ][at],
      );
    else expect(checkpoint.parts.at(-1)?.until).toBe('0');
    expect(Math.min(...checkpoint.parts.map((part) => part.keys))).toBeGreaterThan(keys / 4);
    expect(Math.min(...(await ttlsOf({ redis } as RealStore)))).toBeGreaterThan(0);
  }
});

it('leaves a marker whose session is on another primary: its life is stored there', async () => {
  const ids = numbered('id', 24);
  const keyOf = (part: string, id: string) => `spring:session:sessions:${part}${id}`;
  for (const id of ids) {
    const session = await cluster.primaryOf(keyOf('', id));
    await session.redis.hset(keyOf('', id), { lastAccessedTime: String(Date.now()), maxInactiveInterval: '86400' });
    await (await cluster.primaryOf(keyOf('expires:', id))).redis.append(keyOf('expires:', id), '');
  }
  await goThrough(await begin('one'));
  let left = 0;
  for (const id of ids) {
    const holder = await cluster.primaryOf(keyOf('expires:', id));
    const isTogether = holder.port === (await cluster.primaryOf(keyOf('', id))).port;
    const ttl = await holder.redis.ttl(keyOf('expires:', id));
    expect([id, ttl > 86_300]).toEqual([id, isTogether]);
    if (!isTogether) expect(ttl).toBe(-1);
    left += Number(!isTogether);
  }
  expect(left).toBeGreaterThan(0);
  expect(reports[0]?.byDialect['spring-session']?.unrepaired).toEqual({ unreadable: left });
});

it('deletes no more than its limit, over all shards', async () => {
  const over = { 'session:lastAccessedTime': String(Date.UTC(2026, 0, 1)), 'session:maxInactiveInterval': '1800' };
  for (const key of numbered('redisson:tomcat_session:', 60)) await (await cluster.primaryOf(key)).redis.hset(key, over);
  ports = { ...ports, settings: { ...ports.settings, policy: 'delete', maxDeletes: 9 } };
  expect(await goThrough(await begin('one'))).toMatchObject({ deleted: 9, withoutTtl: 60 });
});

describe('a slot that is on its way to another primary', () => {
  it('what came over is left, what is still there is repaired; the next sweep repairs the rest', async () => {
    const tagged = numbered('sess:{tag}:', 200);
    await plant([...tagged, ...numbered('sess:', 1_200)]);
    const [first] = tagged as [string];
    const source = await cluster.primaryOf(first);
    const other = cluster.primaries.find((primary) => primary !== source) as RealStore;
    const [sourceId, otherId] = await Promise.all([source, other].map(({ redis }) => redis.call('CLUSTER', 'MYID')));
    const slot = await source.redis.call('CLUSTER', 'KEYSLOT', first);
    const begun = await begin('one');
    for (const shard of begun.shards) expect(await step(begun, shard, 0)).toBe('REPEAT');
    await other.redis.call('CLUSTER', 'SETSLOT', Number(slot), 'IMPORTING', String(sourceId));
    await source.redis.call('CLUSTER', 'SETSLOT', Number(slot), 'MIGRATING', String(otherId));
    await source.redis.call('MIGRATE', '127.0.0.1', other.port, '', 0, 5_000, 'KEYS', ...tagged.slice(0, 100));
    const summary = (await goThrough(begun)) as { repaired: number };
    expect(summary.repaired).toBeGreaterThanOrEqual(1_300);
    expect((await ttlsOf(source)).filter((ttl) => ttl === -1)).toEqual([]);

    // A key that went over between its page and its repair; and one that was never there.
    const store = await openSweepStore(await source.connect());
    const request = (key: string): RepairRequest => ({
      key: Buffer.from(key),
      type: 'string',
      action: 'expire',
      seconds: 9,
      guard: { kind: 'none' },
    });
    const elsewhere = await firstKeyNotOf(source);
    expect(await store.repair([request(first), request(elsewhere)], false)).toEqual({
      outcomes: ['changed-meanwhile', 'changed-meanwhile'],
    });

    await source.redis.call('MIGRATE', '127.0.0.1', other.port, '', 0, 5_000, 'KEYS', ...tagged.slice(100));
    for (const { redis } of [other, source, ...cluster.primaries])
      await redis.call('CLUSTER', 'SETSLOT', Number(slot), 'NODE', String(otherId));
    await goThrough(await begin('two'));
    for (const primary of cluster.primaries) expect(Math.min(...(await ttlsOf(primary)))).toBeGreaterThan(80_000);
  });
});

it('a cluster that did not answer when the sweep began is not swept by half', async () => {
  const { connect } = ports;
  ports = { ...ports, connect: () => Promise.reject(new Error('connect ETIMEDOUT')) };
  const begun = await begin('one');
  ports = { ...ports, connect };
  await expect(step(begun, begun.shards[0] as string)).rejects.toMatchObject({
    name: 'StoreUnreachable',
    message: expect.stringContaining('Start the sweep again'),
  });
});

it('has only database 0, whatever is configured', async () => {
  const { connect, settings } = ports;
  ports = { ...ports, settings: { ...settings, databases: [0, 3] } };
  await plant(['sess:a']);
  const begun = await begin('one');
  expect(begun.shards.map((shard) => shard.includes('/db'))).toEqual([false, false, false]);
  expect(await goThrough(begun)).toMatchObject({ keys: 1, repaired: 1 });
  // The store did not answer when the sweep began: the unit is refused with what to configure.
  ports = { ...ports, connect: () => Promise.reject(new Error('connect ETIMEDOUT')) };
  const blind = { ...(await begin('two')), shards: ['0001/db3'] };
  ports = { ...ports, connect };
  await expect(goThrough(blind)).rejects.toMatchObject({
    name: 'DatabaseRefused',
    message: expect.stringContaining('Set store.databases to [0]'),
  });
});

// The last: its primary is gone for good.
describe('a failover of one primary in mid-sweep', () => {
  it('its shard begins anew on the replica, and the others go on', async () => {
    const keys = numbered('sess:', 1_500);
    await plant(keys);
    const [primary] = cluster.primaries as [RealStore];
    const begun = await begin('one');
    for (const shard of begun.shards) await step(begun, shard, 0);
    const halfway = (await ports.records.getCheckpoint('0-5460', 'one')) as Checkpoint;
    expect(halfway.tally.byDialect['connect-redis']?.repaired).toBeGreaterThan(0);
    await primary.redis.wait(1, 2_000);
    await primary.kill();
    await cluster.replica.redis.call('CLUSTER', 'FAILOVER', 'TAKEOVER');
    const [, second] = cluster.primaries as [RealStore, RealStore];
    await until(async () => {
      const slots = (await second.redis.cluster('SLOTS')) as unknown as [number, number, [string, number]][];
      return slots.some(([from, , [, port]]) => from === 0 && port === cluster.replica.port);
    });
    expect(await goThrough(begun)).toMatchObject({ keys: 1_500, repaired: 1_500, withoutTtl: 1_500 });
    expect(reports[0]?.shards.map(({ restarts }) => restarts)).toEqual([1, 0, 0]);
    expect(Math.min(...(await ttlsOf(cluster.replica)))).toBeGreaterThan(80_000);
  });
});

async function firstKeyNotOf(store: RealStore): Promise<string> {
  for (const key of numbered('sess:', 300)) if ((await cluster.primaryOf(key)) !== store) return key;
  throw new Error('every key is here');
}
