/** Slots that move between shards while a cluster is swept. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_SLOT_WAITS } from '../../../functions/sweep/check-slots.ts';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { keySlot } from '../../../functions/sweep/slots/slot-set.ts';
import type { SweepPorts } from '../../../functions/sweep/sweep.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { beginMove, endMove, moveSlots, tagOf } from './move-slots.ts';
import { type RealCluster, startCluster } from './real-cluster.ts';
import type { RealStore } from './real-store.ts';
import { primariesSince } from './run-sweep.ts';
import { begin, checkSlots, portsOf, step, sweepRound, sweepToEnd } from './steps-of-sweep.ts';

vi.setConfig({ hookTimeout: 90_000, testTimeout: 90_000 });

/** Slots of the first primary, which move. */
const MOVING = Array.from({ length: 10 }, (_, slot) => slot);
/** All of the first primary, which moves them in the end: each node notes each of them. */
const SLOTS_THAT_GO = 100;
const KEYS_IN_SLOT = 60;
const KEYS = MOVING.length * KEYS_IN_SLOT;

describe.each(STORE_ENGINES)('resharding in mid-sweep, on $name', (engine) => {
  let cluster: RealCluster;
  let first: RealStore;
  let last: RealStore;
  let ports: SweepPorts;
  let reports: SweepReport[];
  beforeAll(async () => {
    cluster = await startCluster([0, SLOTS_THAT_GO, 8_192], undefined, engine);
    [first, last] = [cluster.primaries[0], cluster.primaries[2]] as [RealStore, RealStore];
    // No node fails here, and on a machine with other work one can be silent for longer than two seconds.
    for (const { redis } of [...cluster.primaries, cluster.replica]) await redis.config('SET', 'cluster-node-timeout', '60000');
  });
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    for (const { redis } of cluster.primaries) await redis.flushall();
    const pipeline = first.redis.pipeline();
    for (const slot of MOVING) for (let at = 0; at < KEYS_IN_SLOT; at += 1) pipeline.set(`PHPREDIS_SESSION:{${tagOf(slot)}}:${at}`, 'x');
    await pipeline.exec();
    // A key of no known framework, in a slot that does not move.
    await last.redis.set(`cache:{${tagOf(16_000)}}`, 'x');
    reports = [];
    ports = portsOf((node) => cluster.connect(node), reports);
    // Without an answer a sweep asks before it repairs sessions of which none has a TTL.
    ports = { ...ports, settings: { ...ports.settings, policies: { phpredis: 'expire' } } };
  });
  const persistent = async () => {
    let count = 0;
    for (const { redis } of cluster.primaries) {
      const pipeline = redis.pipeline();
      for (const key of await redis.keys('PHPREDIS_SESSION:*')) pipeline.ttl(key);
      // A primary without slots becomes a replica, which answers MOVED.
      count += ((await pipeline.exec()) ?? []).filter(([, ttl]) => ttl === -1).length;
    }
    return count;
  };
  /** Every primary lists `store` as the owner of the slots. */
  const agreed = (store: RealStore, slots: readonly number[]) =>
    until(async () => {
      for (const { redis } of cluster.primaries) {
        const ranges = (await redis.cluster('SLOTS')) as unknown as [number, number, [string, number]][];
        const owner = (slot: number) => ranges.find(([from, to]) => slot >= from && slot <= to)?.[2][1];
        if (slots.some((slot) => owner(slot) !== store.port)) return false;
      }
      return true;
    });

  it('the slot of a key is the store’s', async () => {
    for (const key of ['', 'a', 'sess:1', '{tag}:1', 'a{}b{c}', 'a{b', '{ü}x', 'x{a}{b}'])
      expect(keySlot(Buffer.from(key))).toBe(await first.redis.call('CLUSTER', 'KEYSLOT', key));
  });

  it('slots that move to a shard that is swept already get a second round there, which counts no other key again', async () => {
    const begun = await begin(ports, 'one');
    await sweepRound(ports, { ...begun, shards: begun.shards.slice(1) });
    await moveSlots(cluster, first, last, MOVING);
    await agreed(last, MOVING);
    expect((await step(ports, begun, begun.shards[0] as string)).verdict).toBe('DONE');
    expect(await persistent()).toBe(KEYS);
    const next = await checkSlots(ports, begun);
    expect(next).toMatchObject({ verdict: 'REPEAT', shards: ['8192-16383/round2'], sweep: { round: { number: 2, slots: '0-9' } } });
    expect((await ports.records.getSweep('one'))?.shards).toEqual([...begun.shards, ...next.shards]);
    expect(await sweepToEnd(ports, next)).toMatchObject({ rounds: 1, summary: { keys: KEYS + 1, repaired: KEYS, unknown: 1 } });
    expect(await persistent()).toBe(0);
    expect(await ports.records.takeShard('8192-16383/round2', 'another', 0, 1)).toMatchObject({ taken: true });

    await moveSlots(cluster, last, first, MOVING);
    await agreed(first, MOVING);
  });

  it('the second round deletes no more than the first one left of the limit', async () => {
    ports = {
      ...ports,
      settings: { ...ports.settings, policy: 'delete', maxDeletes: 9 },
      storeNodes: () => primariesSince([first.redis], 0),
    };
    const begun = await begin(ports, 'one');
    await sweepRound(ports, { ...begun, shards: begun.shards.slice(1) });
    const over = { 'session:lastAccessedTime': String(Date.UTC(2026, 0, 1)), 'session:maxInactiveInterval': '1800' };
    for (let at = 0; at < 9; at += 1) await first.redis.hset(`redisson:tomcat_session:{${tagOf(0)}}${at}`, over);
    await beginMove(first, last, 9);
    await step(ports, begun, begun.shards[0] as string);
    await endMove(cluster, first, last, 9);
    await agreed(last, [9]);
    // Three of the first round's nine, by the first shard.
    expect(await checkSlots(ports, begun)).toMatchObject({ verdict: 'REPEAT', sweep: { settings: { maxDeletes: 6 } } });
    await moveSlots(cluster, last, first, [9]);
    await agreed(first, [9]);
  });

  it('a slot that is on its way is waited for, and swept where it arrives', async () => {
    await beginMove(first, last, 3, 8);
    const begun = await begin(ports, 'one');
    await sweepRound(ports, begun);
    let reply = await checkSlots(ports, begun);
    expect(reply).toEqual({ ...begun, verdict: 'WAIT', waits: 1 });
    await expect(checkSlots(ports, { ...reply, waits: MAX_SLOT_WAITS })).rejects.toMatchObject({
      name: 'SlotsNotSwept',
      message: expect.stringMatching(/^1 of 16384 slots .* the slots 3 are still moving/),
    });
    await endMove(cluster, first, last, 3);
    await agreed(last, [3]);
    reply = await checkSlots(ports, reply);
    expect(reply).toMatchObject({ verdict: 'REPEAT', waits: 0, sweep: { round: { slots: '3' } } });
    await expect(
      checkSlots(ports, { ...begun, sweep: { ...begun.sweep, round: { number: 5, slots: '3', earlierShards: [] } } }),
    ).rejects.toMatchObject({ name: 'SlotsNotSwept', message: expect.stringContaining('each of 5 rounds') });
    await sweepToEnd(ports, reply);
    expect(await persistent()).toBe(0);
    await moveSlots(cluster, last, first, [3]);
    await agreed(first, [3]);
  });

  it('a slot that leaves and comes back while its node is swept counts as not swept', async () => {
    const begun = await begin(ports, 'one');
    const [unit] = begun.shards as [string];
    const ending = { ...ports, budgetMs: 0 };
    expect((await step(ending, begun, unit)).verdict).toBe('REPEAT');
    await moveSlots(cluster, first, last, [5]);
    await agreed(last, [5]);
    await step(ending, begun, unit);
    await moveSlots(cluster, last, first, [5]);
    await agreed(first, [5]);
    await sweepRound(ports, begun);
    expect(await checkSlots(ports, begun)).toMatchObject({
      verdict: 'REPEAT',
      shards: ['0-99/round2'],
      sweep: { round: { slots: '5' } },
    });
  });

  // The last: it leaves two shards.
  it('a shard that goes: its branch ends, no node is swept twice in one round, and no key is missed', async () => {
    const begun = await begin(ports, 'one');
    await sweepRound(ports, { ...begun, shards: begun.shards.slice(1) });
    const slots = Array.from({ length: SLOTS_THAT_GO }, (_, slot) => slot);
    await moveSlots(cluster, first, last, slots);
    await agreed(last, slots);
    expect(await step(ports, begun, begun.shards[0] as string)).toEqual({ verdict: 'DONE', keys: 0 });
    expect(await persistent()).toBe(KEYS);
    const next = await checkSlots(ports, begun);
    expect(next).toMatchObject({ verdict: 'REPEAT', shards: ['8192-16383/round2'], sweep: { round: { slots: '0-99' } } });
    expect(await sweepToEnd(ports, next)).toMatchObject({ rounds: 1, summary: { keys: KEYS + 1, repaired: KEYS } });
    expect(await persistent()).toBe(0);
  });
});
