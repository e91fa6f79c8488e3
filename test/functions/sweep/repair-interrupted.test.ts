/** Repairs whose connection breaks, and invocations that are killed, on a real server. */
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { openSweepStore } from '../../../functions/sweep/store/open-sweep-store.ts';
import type { RepairRequest } from '../../../functions/sweep/store/sweep-store.ts';
import type { SweepRecords } from '../../../functions/sweep/sweep-records.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { connectTo, type RealStore, startStoreOn } from './real-store.ts';
import { invoke, runSweep, SHARD } from './run-sweep.ts';

const PAST_ITS_LIFE = { lastAccessedTime: '1700000000000', maxInactiveInterval: '1800' };
/** A reply of the repair script to 50 keys that it repaired. */
const REPLY_BYTES = '*50\r\n'.length + 50 * ':1\r\n'.length;

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let redis: Redis;
  let proxy: CuttingProxy;
  const connect = () => connectTo(proxy.port);
  beforeAll(async () => {
    store = await startStoreOn(engine);
    redis = store.redis;
  });
  beforeEach(async () => {
    await redis.flushall();
    proxy = await startCuttingProxy(store.port);
  });
  afterEach(() => proxy.stop());
  afterAll(() => store?.stop());

  async function plant(keys: number): Promise<void> {
    const pipeline = redis.pipeline();
    for (let at = 0; at < keys; at += 1) pipeline.hset(`spring:session:sessions:${at}`, PAST_ITS_LIFE);
    await pipeline.exec();
  }
  const requests = (action: RepairRequest['action'], count: number) =>
    Array.from({ length: count }, (_, at): RepairRequest => {
      const key = Buffer.from(`spring:session:sessions:${at}`);
      return { key, type: 'hash', action, seconds: 1_000, guard: { kind: 'none' } };
    });
  const done = ({ tally }: Checkpoint) => {
    const { repaired = 0, deleted = 0 } = tally.byDialect['spring-session'] ?? {};
    return { repaired, deleted };
  };
  const checkpointOf = async (records: SweepRecords) => (await records.getCheckpoint(SHARD, 'sweep-1')) as Checkpoint;

  describe.each(['expire', 'delete'] as const)('a connection that breaks in the replies to %s', (action) => {
    it.each([0, 1, 3])('after %i of 4: outcomes as far as they are known, and the interruption', async (replies) => {
      await plant(200);
      const client = await connect();
      const opened = await openSweepStore(client);
      proxy.cutAfter(`\r\n${action}\r\n`, replies * REPLY_BYTES + 7);
      const { outcomes, interruption } = await opened.repair(requests(action, 200), false);
      expect(outcomes.slice(0, replies * 50)).toEqual(Array(replies * 50).fill('done'));
      expect(outcomes.slice(replies * 50)).toEqual(Array(200 - replies * 50).fill(undefined));
      expect(interruption).toBeInstanceOf(Error);
    });
  });

  it('by pipelined commands too', async () => {
    await plant(50);
    await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
    const client = await connectTo(proxy.port, { username: 'no-scripts', password: 'any' });
    const opened = await openSweepStore(client);
    proxy.cutAfter('EXPIRE', 20 * ':1\r\n'.length);
    const { outcomes, interruption } = await opened.repair(requests('expire', 50), false);
    expect(outcomes).toEqual([...Array(20).fill('done'), ...Array(30).fill(undefined)]);
    expect(interruption).toBeInstanceOf(Error);
  });

  it('a sweep counts what was repaired before its connection broke', async () => {
    await plant(1_000);
    const records = memorySweepRecords();
    proxy.cutAfter('\r\nexpire\r\n', REPLY_BYTES + 7);
    const options = { records, reading: { parts: 1, count: 100 } };
    expect((await invoke(connect, options)).verdict).toBe('WAIT');
    const interrupted = await checkpointOf(records);
    expect(done(interrupted).repaired).toBeGreaterThanOrEqual(50);
    // Their page is read again, so its keys are not counted yet.
    expect(done(await runSweep(connect, options)).repaired).toBeLessThanOrEqual(1_000);
    expect((await checkpointOf(records)).tally.keys).toBe(1_000);
  });

  describe('the limit of deletes', () => {
    const MAX = 70;
    const settings = { policy: 'delete', maxDeletes: MAX } as const;
    const deleted = async () => 1_000 - (await redis.dbsize());

    it('holds where connections break in the replies to deletes, whose outcome is unknown', async () => {
      await plant(1_000);
      const records = memorySweepRecords();
      let verdict = '';
      for (let invocation = 0; verdict !== 'DONE'; invocation += 1) {
        if (invocation < 5) proxy.cutAfter('\r\ndelete\r\n', 3);
        ({ verdict } = await invoke(connect, { records, settings }));
        expect(await deleted()).toBeLessThanOrEqual(MAX);
        expect(invocation).toBeLessThan(20);
      }
      expect(await deleted()).toBeGreaterThan(0);
      const end = await checkpointOf(records);
      expect(done(end).deleted).toBeLessThanOrEqual(await deleted());
      expect(end.deletesReserved).toBeGreaterThanOrEqual(await deleted());
    });

    it('holds where invocations are killed between a delete and the next checkpoint', async () => {
      await plant(1_000);
      const records = memorySweepRecords();
      for (let killed = 0; killed < 4; killed += 1) {
        const before = await deleted();
        const dying: SweepRecords = {
          ...records,
          async saveCheckpoint(...words) {
            if ((await deleted()) > before) throw new Error('killed');
            return records.saveCheckpoint(...words);
          },
        };
        await invoke(connect, { records: dying, settings }).catch(() => undefined);
        expect(await deleted()).toBeLessThanOrEqual(MAX);
      }
      expect(await deleted()).toBeGreaterThan(0);
      await runSweep(connect, { records, settings });
      expect(await deleted()).toBeLessThanOrEqual(MAX);
    });

    it('is used in full by a sweep that nothing interrupts, in several invocations', async () => {
      await plant(1_000);
      const records = memorySweepRecords();
      const end = await runSweep(connect, { records, settings, budgetMs: 0 });
      expect(await deleted()).toBe(MAX);
      expect(done(end).deleted).toBe(MAX);
      expect(end.deletesReserved).toBe(MAX);
    });
  });
});
