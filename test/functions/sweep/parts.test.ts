/** Sweeps in parts, on real servers. */
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { FULL } from '../../e2e/full-run.ts';
import { STORE_ENGINES, type StoreEngine } from '../../store-engines.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { type RealStore, snapshot, startStoreOn } from './real-store.ts';
import { invoke, runSweep, SHARD, type SweepOptions } from './run-sweep.ts';

vi.setConfig({ testTimeout: 90_000 });

const stores: RealStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.stop();
});
async function start(engine: StoreEngine, ...settings: string[]): Promise<RealStore> {
  const store = await startStoreOn(engine, settings);
  stores.push(store);
  return store;
}

const KEYS = 3_000;
/** Eight times as many keys, by and by. */
const GROWTHS = 16;
const GROWTH = KEYS / 2;
const BATCH = 4_000;
async function eachBatch(redis: Redis, from: number, to: number, add: (pipeline: ReturnType<Redis['pipeline']>, at: number) => unknown) {
  for (let first = from; first < to; first += BATCH) {
    const pipeline = redis.pipeline();
    for (let at = first; at < Math.min(to, first + BATCH); at += 1) add(pipeline, at);
    await pipeline.exec();
  }
}
/** Sessions without a TTL, which live throughout. */
const plant = (redis: Redis, count = KEYS) => eachBatch(redis, 0, count, (pipeline, at) => pipeline.set(`PHPREDIS_SESSION:${at}`, 'x'));
const withoutTtl = async (redis: Redis) =>
  [...(await snapshot(redis))].filter(([key, { ttl }]) => key.startsWith('PHPREDIS_SESSION:') && ttl < 0);
const repairedIn = ({ tally }: Checkpoint) => Object.values(tally.byDialect).reduce((sum, { repaired }) => sum + repaired, 0);

/** A connection whose pages return another cursor than the server's. @param change the reply's cursor, and its number */
function withCursors(connect: () => Promise<Redis>, change: (cursor: string, reply: number) => string): () => Promise<Redis> {
  let replies = 0;
  return async () => {
    const client = await connect();
    const callBuffer = client.callBuffer.bind(client);
    client.callBuffer = (async (command: string, ...words: (string | number | Buffer)[]) => {
      const reply = await callBuffer(command, ...words);
      // Only the reply of a page's script begins with a cursor.
      if (/^EVAL/.test(command) && words[1] === 0 && Array.isArray(reply) && Buffer.isBuffer(reply[0])) {
        reply[0] = Buffer.from(change(String(reply[0]), replies));
        replies += 1;
      }
      return reply;
    }) as Redis['callBuffer'];
    return client;
  };
}

describe.each(STORE_ENGINES)('a sweep in parts on $name', (engine) => {
  /** The store of all tests that need no settings of their own. */
  let plain: RealStore;
  beforeAll(async () => {
    plain = await startStoreOn(engine);
  });
  beforeEach(() => plain.redis.flushall());
  afterAll(() => plain?.stop());

  it.each([2, 3, 4])('%i of them have every key, and at most a page twice at each seam', async (parts) => {
    const { redis, connect } = plain;
    await plant(redis);
    const checkpoint = await runSweep(connect, { reading: { parts, count: 50 } });
    expect(checkpoint).toMatchObject({ restarts: 0, largestCount: 50 });
    expect(checkpoint.parts.map(({ isDone }) => isDone)).toEqual(Array(parts).fill(true));
    expect(checkpoint.tally.keys).toBeGreaterThanOrEqual(KEYS);
    expect(checkpoint.tally.keys).toBeLessThan(KEYS + parts * 100);
    // What was seen twice had its TTL by then: it is neither counted nor repaired again.
    expect([repairedIn(checkpoint), checkpoint.tally.byDialect['phpredis']?.unrepaired]).toEqual([KEYS, {}]);
    expect(await withoutTtl(redis)).toEqual([]);
  });

  it('a fast one is in parts by default, and a gentle one or one of a small store is not', async () => {
    const { redis, connect } = plain;
    /** As many as it begins with. */
    const partsOf = async (settings: SweepOptions['settings'] = {}) => {
      const records = memorySweepRecords();
      await invoke(connect, { records, settings, budgetMs: 0 });
      return (await records.getCheckpoint(SHARD, 'sweep-1'))?.parts.length;
    };
    await plant(redis, 11_000);
    expect(await partsOf()).toBeGreaterThan(1);
    expect(await partsOf({ pace: 'gentle' })).toBe(1);
    await redis.flushall();
    await plant(redis, 500);
    expect(await partsOf()).toBe(1);
  });

  it('continues all parts from the checkpoint of the last invocation', async () => {
    const { redis, connect } = plain;
    await plant(redis);
    const records = memorySweepRecords();
    await invoke(connect, { records, budgetMs: 0, reading: { parts: 4 } });
    const { parts } = (await records.getCheckpoint(SHARD, 'sweep-1')) as Checkpoint;
    expect(parts.map(({ keys }) => keys > 0 && keys < 200)).toEqual([true, true, true, true]);
    const end = await runSweep(connect, { records, reading: { parts: 4 } });
    expect([end.restarts, repairedIn(end), end.parts.length]).toEqual([0, KEYS, 4]);
    expect(end.tally.keys).toBeLessThan(KEYS + 800);
  });

  it('goes back to one cursor when a cursor goes back', async () => {
    const { redis, connect } = plain;
    await plant(redis);
    const back = withCursors(connect, (cursor, reply) => (reply === 20 ? '4' : cursor));
    const checkpoint = await runSweep(back, { reading: { parts: 2 } });
    expect(checkpoint).toMatchObject({ inDoubt: true, restarts: 1, parts: [{ isDone: true }] });
    expect([checkpoint.tally.keys, repairedIn(checkpoint)]).toEqual([KEYS, KEYS]);
    expect(await withoutTtl(redis)).toEqual([]);
  });

  it('goes back to one cursor when the parts have fewer keys than the store', async () => {
    const { redis, connect } = plain;
    await plant(redis);
    const short = withCursors(connect, (cursor, reply) => (reply === 20 ? '0' : cursor));
    const checkpoint = await runSweep(short, { reading: { parts: 2 } });
    expect(checkpoint).toMatchObject({ inDoubt: true, restarts: 1, parts: [{ isDone: true }] });
    expect([checkpoint.tally.keys, repairedIn(checkpoint)]).toEqual([KEYS, KEYS]);
    expect(await withoutTtl(redis)).toEqual([]);
  });

  it('stays in parts when keys expire or are deleted meanwhile', async () => {
    const { redis, connect } = plain;
    await plant(redis);
    await eachBatch(redis, 0, KEYS, (pipeline, at) => pipeline.psetex(`cache:${at}`, 400, 'x'));
    const records = memorySweepRecords();
    await invoke(connect, { records, budgetMs: 0, reading: { parts: 2 } });
    await vi.waitFor(async () => expect(await redis.dbsize()).toBeLessThan(KEYS * 1.2), 10_000);
    await eachBatch(redis, 0, 2_000, (pipeline, at) => pipeline.del(`PHPREDIS_SESSION:${at}`));
    await eachBatch(redis, 0, 2 * KEYS, (pipeline, at) => pipeline.setex(`new:${at}`, 1_000, 'x'));
    const end = await runSweep(connect, { records, reading: { parts: 2 } });
    expect([end.restarts, end.inDoubt]).toEqual([0, undefined]);
  });

  it('stays in parts when keys are past their TTL and not deleted yet', async () => {
    const { redis, connect } = await start(engine, '--enable-debug-command', 'yes');
    await redis.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    await plant(redis);
    await eachBatch(redis, 0, KEYS, (pipeline, at) => pipeline.psetex(`cache:${at}`, 1, 'x'));
    const checkpoint = await runSweep(connect, { reading: { parts: 2 } });
    expect([checkpoint.restarts, checkpoint.inDoubt, repairedIn(checkpoint)]).toEqual([0, undefined, KEYS]);
  });

  it('has no need of EVAL_RO, which an older engine lacks', async () => {
    const { redis, connect } = await start(engine, '--rename-command', 'EVAL_RO', '', '--rename-command', 'EVALSHA_RO', '');
    await plant(redis);
    const checkpoint = await runSweep(connect, { reading: { parts: 2 } });
    expect([checkpoint.method, checkpoint.parts.length, repairedIn(checkpoint)]).toEqual(['script', 2, KEYS]);
  });

  it('without scripts has one part', async () => {
    const { redis, connect } = plain;
    await plant(redis);
    await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
    const restricted = async () => {
      const client = await connect();
      await client.call('AUTH', 'no-scripts', '');
      return client;
    };
    const checkpoint = await runSweep(restricted, { reading: { parts: 2 } });
    expect([checkpoint.method, checkpoint.parts.length, repairedIn(checkpoint)]).toEqual(['pipeline', 1, KEYS]);
  });

  describe.runIf(FULL)('whose table grows eightfold and shrinks again', () => {
    it.each([
      [1, 2],
      [2, 4],
      [3, 3],
    ])('misses no key that lived throughout (seed %i, %i parts)', async (seed, parts) => {
      // No rehashing in the background: it goes on step by step with each command, so that many pages meet two tables.
      const store = await start(engine, '--activerehashing', 'no', '--enable-debug-command', 'yes');
      const { redis, connect } = store;
      await plant(redis);
      const records = memorySweepRecords();
      const options: SweepOptions = { reading: { parts, count: 20 } };
      const isRehashed = async () => /rehashing target/.test(String(await redis.call('DEBUG', 'HTSTATS', '0')).split('[Expires')[0] ?? '');
      const rehashed = { growing: 0, shrinking: 0 };
      let verdict = '';
      for (let turn = -seed; verdict !== 'DONE'; turn += 1) {
        verdict = (await invoke(connect, { ...options, records, budgetMs: turn < GROWTHS + 20 ? 0 : 20_000 })).verdict;
        if (turn >= 0 && turn < GROWTHS)
          await eachBatch(redis, turn * GROWTH, (turn + 1) * GROWTH, (pipeline, at) => pipeline.setex(`other:${at}`, 9_000, 'x'));
        if (turn === GROWTHS) await eachBatch(redis, 0, GROWTHS * GROWTH, (pipeline, at) => pipeline.del(`other:${at}`));
        if (await isRehashed()) rehashed[turn < GROWTHS ? 'growing' : 'shrinking'] += 1;
      }
      expect(Math.min(rehashed.growing, rehashed.shrinking)).toBeGreaterThan(0);
      const end = (await records.getCheckpoint(SHARD, 'sweep-1')) as Checkpoint;
      expect([end.restarts, end.parts.length]).toEqual([0, parts]);
      expect(await withoutTtl(redis)).toEqual([]);
    });
  });
});
