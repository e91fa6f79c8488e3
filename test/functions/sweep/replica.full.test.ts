/** Sweeps that read from a replica, on real primaries and replicas, and what can happen to these in mid-sweep. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { DEFAULT_SWEEP_SETTINGS, type SweepSettings } from '../../../functions/sweep/contract/settings.ts';
import type { ShardReply } from '../../../functions/sweep/contract/steps.ts';
import { createClassify } from '../../../functions/sweep/keys/classify-key.ts';
import { createDeleteBudget } from '../../../functions/sweep/pages/apply-repairs.ts';
import { handlePage, type PageWork } from '../../../functions/sweep/pages/handle-page.ts';
import { asReplicaPage, withReadsOf } from '../../../functions/sweep/replica/open-reader.ts';
import { openSweepStore } from '../../../functions/sweep/store/open-sweep-store.ts';
import { sweepShard } from '../../../functions/sweep/sweep-shard.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { COOKIE } from './planted.ts';
import { startCluster } from './real-cluster.ts';
import { type RealReplicas, startReplicas } from './real-replicas.ts';
import type { RealStore } from './real-store.ts';
import { contextOf, hashId, SHARD } from './run-sweep.ts';
import { begin, portsOf, sweepToEnd } from './steps-of-sweep.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const KEYS = 1_000;
const callsOf = async (redis: Redis, command: string) =>
  Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await redis.info('commandstats'))?.[1] ?? 0);
const repairedIn = ({ tally }: Checkpoint) => Object.values(tally.byDialect).reduce((sum, { repaired }) => sum + repaired, 0);
const persistentIn = async ({ redis }: RealStore) => {
  const pipeline = redis.pipeline();
  for (const key of await redis.keys('sess:*')) pipeline.ttl(key);
  return ((await pipeline.exec()) ?? []).filter(([, ttl]) => ttl === -1).length;
};

describe.each(STORE_ENGINES)('a sweep that reads from a replica, on $name', (engine) => {
  let group: RealReplicas;
  afterEach(() => group?.stop());

  async function start(replicas: number, ...settings: string[]): Promise<void> {
    group = await startReplicas(engine, replicas, ...settings);
    const pipeline = group.primary.redis.pipeline();
    for (let at = 0; at < KEYS; at += 1) pipeline.set(`sess:${at}`, COOKIE);
    await pipeline.exec();
    await group.untilInStep();
  }
  /** One sweep, with the record of the nodes as it was at its beginning. */
  async function sweepOf(settings: Partial<SweepSettings> = {}, dryRun = false) {
    const records = memorySweepRecords();
    const nodes = await group.storeNodes();
    const { connect, connectTo } = group;
    const pause = (ms: number) => sleep(Math.min(ms, 5));
    const ports = { connect, connectTo, storeNodes: async () => nodes, storeName: 'store:6379', records, hashId, now: Date.now, pause };
    const context = contextOf({ settings: { jitterSeconds: 0, ...settings }, dryRun });
    const invoke = (budgetMs = 0): Promise<ShardReply> => sweepShard(ports, context, SHARD, budgetMs);
    const checkpoint = async () => (await records.getCheckpoint(SHARD, context.sweepId)) as Checkpoint;
    return {
      invoke,
      checkpoint,
      /** The replica that pages are read from. */
      reader: async (): Promise<RealStore | undefined> => readerOf(await checkpoint()),
      async toEnd(): Promise<Checkpoint> {
        for (let turn = 0; turn < 60; turn += 1) if ((await invoke(5_000)).verdict === 'DONE') return checkpoint();
        throw new Error('the sweep has no end');
      },
    };
  }
  const readerOf = ({ readNode }: Pick<Checkpoint, 'readNode'>): RealStore | undefined =>
    group.replicas.find(({ port }) => port === readNode?.port);

  it('scans the same replica in every invocation, and repairs on the primary', async () => {
    await start(2);
    const sweep = await sweepOf();
    expect((await sweep.invoke()).verdict).toBe('REPEAT');
    const reader = (await sweep.reader()) as RealStore;
    expect((await sweep.invoke()).verdict).toBe('REPEAT');
    expect(await sweep.reader()).toBe(reader);
    const checkpoint = await sweep.toEnd();
    expect(checkpoint).toMatchObject({ restarts: 0, tally: { keys: KEYS }, readNode: { port: reader.port, failures: 0 } });
    expect(repairedIn(checkpoint)).toBe(KEYS);
    expect(await persistentIn(group.primary)).toBe(0);
    expect(await callsOf(group.primary.redis, 'scan')).toBe(0);
    expect(await callsOf(reader.redis, 'scan')).toBeGreaterThan(4);
    const other = group.replicas.find((replica) => replica !== reader) as RealStore;
    expect(await callsOf(other.redis, 'scan')).toBe(0);
  });

  it.each([
    ['the setting says so', { readFrom: 'primary' as const }, async (): Promise<void> => undefined],
    ['the only replica is dead', {}, (): Promise<void> => (group.replicas[0] as RealStore).kill()],
    ['the only replica is behind', {}, async (): Promise<void> => void group.stall(group.replicas[0] as RealStore)],
  ])('reads from the primary where %s', async (_, settings, fault) => {
    await start(1);
    const sweep = await sweepOf(settings);
    await fault();
    await group.primary.redis.set('sess:newest', COOKIE);
    const checkpoint = await sweep.toEnd();
    expect(checkpoint.readNode).toBeUndefined();
    expect(repairedIn(checkpoint)).toBe(KEYS + 1);
    expect(await callsOf(group.primary.redis, 'scan')).toBeGreaterThan(4);
  });

  it('repairs by what the primary knows: its idle times, TTLs and types; keys that have not arrived are left', async () => {
    await start(1, '--enable-debug-command', 'yes');
    const [replica] = group.replicas as [RealStore];
    const { redis } = group.primary;
    await redis.flushall();
    await redis.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    for (const key of [
      'PHPREDIS_SESSION:idle',
      'PHPREDIS_SESSION:used',
      'PHPREDIS_SESSION:expires',
      'PHPREDIS_SESSION:gone',
      'PHPREDIS_SESSION:changed',
      'cache:1',
    ]) {
      await redis.set(key, 'x');
      await redis.call('RESTORE', key, 0, await redis.dumpBuffer(key), 'REPLACE', 'IDLETIME', 9_999_999);
    }
    await redis.set('PHPREDIS_SESSION:expired', 'x', 'PX', 1);
    await redis.set('PHPREDIS_SESSION:lives', 'x', 'EX', 1_000);
    await group.untilInStep();
    await replica.redis.get('PHPREDIS_SESSION:idle');
    group.stall(replica);
    await redis.get('PHPREDIS_SESSION:used');
    await redis.expire('PHPREDIS_SESSION:expires', 100);
    await redis.del('PHPREDIS_SESSION:gone', 'PHPREDIS_SESSION:changed');
    await redis.hset('PHPREDIS_SESSION:changed', { a: '1' });
    await redis.set('PHPREDIS_SESSION:unseen', 'x');

    const [reads, writes] = [await openSweepStore(replica.redis), await openSweepStore(redis)];
    const request = { cursor: '0', count: 1_000, sampleEvery: 1, sinceSample: 0, largeFromBytes: 0 };
    const page = asReplicaPage(await reads.page(request));
    expect(page.samples.map(({ key }) => String(key))).toEqual(['PHPREDIS_SESSION:lives']);
    const asked: string[] = [];
    const work: PageWork = {
      store: withReadsOf(reads, writes),
      classify: createClassify(DEFAULT_SWEEP_SETTINGS),
      hashId,
      settings: { ...DEFAULT_SWEEP_SETTINGS, policy: 'delete' },
      dryRun: false,
      deletes: createDeleteBudget(9, 0, async () => undefined),
      primarySinceMs: 0,
      nowMs: Date.now(),
      askIdle: async (keys) => {
        asked.push(...keys.map(String));
        return (await writes.inspect(keys)).map((one) => one?.idleSeconds);
      },
    };
    // A dry run agrees, but for what the replica has not received.
    const dry = await handlePage(page, { ...work, dryRun: true });
    expect(await redis.exists('PHPREDIS_SESSION:idle')).toBe(1);
    expect(dry.handled.map(({ repair }) => repair.action).toSorted()).toEqual(['expire', 'expire', 'expire', 'expire', 'leave', 'leave']);
    await handlePage(page, work);
    expect(asked).not.toContain('cache:1');
    expect(await redis.exists('PHPREDIS_SESSION:gone')).toBe(0);
    const [idle = 0, used = 0] = await Promise.all(['PHPREDIS_SESSION:idle', 'PHPREDIS_SESSION:used'].map((key) => redis.ttl(key)));
    expect(used).toBeGreaterThan(1_400);
    // Its dialect's sessions are never deleted at once.
    expect(idle).toBeGreaterThan(0);
    expect(idle).toBeLessThan(used);
    expect(
      await Promise.all(
        ['PHPREDIS_SESSION:expires', 'PHPREDIS_SESSION:changed', 'PHPREDIS_SESSION:unseen', 'cache:1'].map((key) => redis.ttl(key)),
      ),
    ).toEqual([100, -1, -1, -1]);
  });

  it('asks the primary for no idle time that a decision does not depend on, and nothing else in a dry run', async () => {
    await start(1);
    const { redis } = group.primary;
    const texts = redis.pipeline();
    for (let at = 0; at < KEYS; at += 1) texts.set(`sess:${at}`, '{"cookie":{"expires":"2100-01-01T00:00:00.000Z"}}');
    await texts.exec();
    await group.untilInStep();
    await redis.config('RESETSTAT');
    const sweep = await sweepOf({}, true);
    expect(repairedIn(await sweep.toEnd())).toBe(KEYS);
    const commands = [...(await redis.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name]) => name);
    expect(commands.filter((name) => /idletime|scan|pttl|getrange|expire/.test(name as string))).toEqual([]);
    // Each invocation finds out what its user can run.
    for (const command of ['eval', 'eval_ro', 'evalsha_ro']) expect(await callsOf(redis, command)).toBeLessThan(5);
  });

  it('the same by pipelines, where scripts are not allowed', async () => {
    await start(1);
    const { redis } = group.primary;
    await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
    const client = await group.primary.connect();
    await client.call('AUTH', 'no-scripts', '');
    await redis.expire('sess:1', 100);
    const store = await openSweepStore(client);
    expect(await store.inspect(['sess:0', 'sess:1', 'sess:no'].map((key) => Buffer.from(key)))).toEqual([
      { type: 'string', idleSeconds: expect.any(Number) },
      undefined,
      undefined,
    ]);
  });

  it('as a dry run without permission for scripts: the replica’s READONLY is an answer, and no reason to connect again', async () => {
    await start(1);
    for (const { redis } of [group.primary, ...group.replicas])
      await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
    const asUser = async (connecting: Promise<Redis>) => {
      const client = await connecting;
      await client.call('AUTH', 'no-scripts', '');
      client.options.reconnectOnError = ({ message }) => message.startsWith('READONLY');
      return client;
    };
    const { connect, connectTo } = group;
    group = { ...group, connect: () => asUser(connect()), connectTo: (node) => asUser(connectTo(node)) };
    const sweep = await sweepOf({}, true);
    const checkpoint = await sweep.toEnd();
    expect(checkpoint).toMatchObject({ method: 'pipeline', restarts: 0, readNode: { failures: 0 } });
    expect(repairedIn(checkpoint)).toBe(KEYS);
    expect(await persistentIn(group.primary)).toBe(KEYS);
  });

  it('that falls behind for a moment: waits, and goes on where it was', async () => {
    await start(1);
    const sweep = await sweepOf();
    await sweep.invoke();
    const before = await sweep.checkpoint();
    const goOn = group.stall(group.replicas[0] as RealStore);
    await group.primary.redis.set('sess:newest', COOKIE);
    expect((await sweep.invoke()).verdict).toBe('WAIT');
    expect(await sweep.checkpoint()).toMatchObject({ parts: before.parts, readNode: { failures: 1 } });
    goOn();
    expect(await sweep.toEnd()).toMatchObject({ restarts: 0, readNode: { port: group.replicas[0]?.port } });
    // The newest was written behind the cursor or before it.
    expect(await persistentIn(group.primary)).toBeLessThanOrEqual(1);
  });

  it.each([
    [1, 'the primary'],
    [2, 'the other replica'],
  ])('that stays behind, one of %i: goes on with %s from the first page', async (count) => {
    await start(count);
    const sweep = await sweepOf();
    await sweep.invoke();
    const first = (await sweep.reader()) as RealStore;
    group.stall(first);
    await group.primary.redis.set('sess:newest', COOKIE);
    for (let wait = 0; wait < 3; wait += 1) expect((await sweep.invoke()).verdict).toBe('WAIT');
    const checkpoint = await sweep.toEnd();
    expect(checkpoint).toMatchObject({ restarts: 1, nodesGivenUp: [expect.any(String)], tally: { keys: KEYS + 1 } });
    expect(readerOf(checkpoint)).toBe(group.replicas.find((replica) => replica !== first));
    expect(await persistentIn(group.primary)).toBe(0);
  });

  it.each([
    [1, 'the primary'],
    [2, 'the other replica'],
  ])('that dies, one of %i: goes on with %s from the first page', async (count) => {
    await start(count);
    const sweep = await sweepOf();
    await sweep.invoke();
    const first = (await sweep.reader()) as RealStore;
    await first.kill();
    const checkpoint = await sweep.toEnd();
    expect(checkpoint).toMatchObject({ restarts: 1, tally: { keys: KEYS } });
    expect(readerOf(checkpoint)).toBe(group.replicas.find((replica) => replica !== first));
    expect(repairedIn(checkpoint)).toBe(KEYS);
    expect(await persistentIn(group.primary)).toBe(0);
  });

  it('that answers nothing any more is given up within seconds', async () => {
    await start(1);
    const sweep = await sweepOf();
    await sweep.invoke();
    await (group.replicas[0] as RealStore).redis.call('CLIENT', 'PAUSE', 60_000, 'ALL');
    const startedMs = performance.now();
    expect(await sweep.toEnd()).toMatchObject({ restarts: 1, tally: { keys: KEYS } });
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });

  it('that is promoted: waits until the endpoint leads to it, and goes on there with its cursors', async () => {
    await start(1);
    const sweep = await sweepOf();
    await sweep.invoke();
    const [replica] = group.replicas as [RealStore];
    const before = await sweep.checkpoint();
    await replica.redis.call('REPLICAOF', 'NO', 'ONE');
    expect((await sweep.invoke()).verdict).toBe('WAIT');
    await group.primary.kill();
    expect((await sweep.invoke()).verdict).toBe('WAIT');
    expect((await sweep.checkpoint()).parts).toEqual(before.parts);
    group.lead(replica);
    const checkpoint = await sweep.toEnd();
    expect(checkpoint).toMatchObject({ runId: before.runId, restarts: 0, tally: { keys: KEYS } });
    expect(checkpoint.readNode).toBeUndefined();
    expect(repairedIn(checkpoint)).toBe(KEYS);
    expect(await persistentIn(replica)).toBe(0);
  });

  it('that is promoted before it has received the last repairs: goes on where it was in step, and misses no key', async () => {
    await start(1);
    const sweep = await sweepOf();
    await sweep.invoke();
    const [replica] = group.replicas as [RealStore];
    const before = await sweep.checkpoint();
    group.stall(replica);
    expect((await sweep.invoke()).verdict).toBe('WAIT');
    const ahead = await sweep.checkpoint();
    expect(ahead.parts).not.toEqual(before.parts);
    expect(ahead.confirmed?.parts).toEqual(before.parts);
    await group.primary.kill();
    await replica.redis.call('REPLICAOF', 'NO', 'ONE');
    group.lead(replica);
    const checkpoint = await sweep.toEnd();
    expect(checkpoint).toMatchObject({ restarts: 0, tally: { keys: KEYS } });
    expect(await persistentIn(replica)).toBe(0);
    // Those that were lost count twice.
    expect(repairedIn(checkpoint)).toBe(KEYS + repairedIn(ahead) - repairedIn(before));
  });

  it('whose primary fails over to another node: starts again, since that can lack the last repairs, and reads the same replica', async () => {
    await start(2);
    const sweep = await sweepOf();
    await sweep.invoke();
    const reader = (await sweep.reader()) as RealStore;
    const next = group.replicas.find((replica) => replica !== reader) as RealStore;
    const before = await sweep.checkpoint();
    // The node that is promoted has not received the repairs.
    await group.primary.kill();
    await next.redis.call('REPLICAOF', 'NO', 'ONE');
    group.lead(next);
    await reader.redis.call('REPLICAOF', '127.0.0.1', next.port);
    const { replicas } = group;
    await until(async () =>
      (await Promise.all(replicas.map(({ redis }) => redis.info('replication')))).every((info) =>
        /role:master|master_link_status:up/.test(info),
      ),
    );
    const checkpoint = await sweep.toEnd();
    expect(checkpoint).toMatchObject({ runId: before.runId, restarts: 1, readNode: { port: reader.port }, tally: { keys: KEYS } });
    expect(await persistentIn(next)).toBe(0);
  });

  it('in another database reads that database', async () => {
    await start(1);
    const redis = await group.primary.connect();
    await redis.select(3);
    await redis.set('sess:in-3', COOKIE);
    await group.untilInStep();
    const ports = portsOf((node) => (node ? group.connectTo(node) : group.connect()), [], { storeNodes: group.storeNodes });
    const inThree = { ...ports, settings: { ...ports.settings, databases: [3] } };
    const begun = await begin(inThree, 'one');
    // A sample at the begin is the primary's.
    const scans = await callsOf(group.primary.redis, 'scan');
    expect(await sweepToEnd(inThree, begun)).toMatchObject({ summary: { keys: 1, repaired: 1 } });
    expect(await redis.ttl('sess:in-3')).toBeGreaterThan(0);
    expect(await callsOf(group.primary.redis, 'scan')).toBe(scans);
  });
});

it.each(STORE_ENGINES)('in cluster mode the replica of each shard is read, with READONLY, on $name', async (engine) => {
  const cluster = await startCluster(2, undefined, engine);
  try {
    for (let at = 0; at < 300; at += 1) await (await cluster.primaryOf(`sess:${at}`)).redis.set(`sess:${at}`, COOKIE);
    const nodes = await Promise.all(
      [...cluster.primaries, cluster.replica].map(async ({ port, redis }) => {
        const info = await redis.info();
        const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
        const role = field('role') === 'master' ? ('primary' as const) : ('replica' as const);
        const name = `127.0.0.1:${port}`;
        return { name, host: '127.0.0.1', port, runId: field('run_id'), role, replicationId: field('master_replid'), linkUp: true };
      }),
    );
    const ports = portsOf((node) => cluster.connect(node), [], { storeNodes: async () => ({ takenAtMs: Date.now(), nodes }) });
    const begun = await begin(ports, 'one');
    const [first, second] = cluster.primaries as [RealStore, RealStore];
    const scans = await callsOf(first.redis, 'scan');
    expect(await sweepToEnd(ports, begun)).toMatchObject({ rounds: 1, summary: { keys: 300, repaired: 300 } });
    expect(await callsOf(first.redis, 'scan')).toBe(scans);
    expect(await callsOf(second.redis, 'scan')).toBeGreaterThan(0);
    expect(await callsOf(cluster.replica.redis, 'scan')).toBeGreaterThan(0);
    expect(await persistentIn(first)).toBe(0);
  } finally {
    await cluster.stop();
  }
});
