/** What a sweep asks a real server, as its own statistics count it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseCommandTimes } from '../../../functions/sweep/nodes/command-times.ts';
import { sessionOf } from './planted.ts';
import { type RealStore, startStore } from './real-store.ts';
import { runSweep } from './run-sweep.ts';

const KEYS = 40_000;
const WITHOUT_TTL = 400;

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
  const pipeline = store.redis.pipeline();
  for (let at = 0; at < KEYS; at += 1) {
    if (at % (KEYS / WITHOUT_TTL) === 0) pipeline.set(`sess:${at}`, sessionOf(300));
    else pipeline.set(`sess:${at}`, sessionOf(300), 'EX', 10_000);
  }
  await pipeline.exec();
});
afterAll(() => store?.stop());

const CALLS = ['scan', 'getrange', 'hget', 'hstrlen', 'get', 'evalsha_ro', 'eval_ro', 'eval', 'object|idletime', 'info'] as const;

async function countCalls(run: () => Promise<unknown>): Promise<Record<(typeof CALLS)[number], number>> {
  await store.redis.call('CONFIG', 'RESETSTAT');
  await run();
  const times = parseCommandTimes(await store.redis.info('commandstats'));
  return Object.fromEntries(CALLS.map((name) => [name, times.get(name)?.calls ?? 0])) as Record<(typeof CALLS)[number], number>;
}

it('a fast sweep reads the values of keys without a TTL and of sampled ones, by one script per batch', async () => {
  // Of 39,600 keys with a TTL one in three is sampled.
  const sampled = Math.floor((KEYS - WITHOUT_TTL) / 3);
  const calls = await countCalls(() => runSweep(store.connect, { dryRun: true, settings: { pace: 'fast' }, reading: { parts: 1 } }));
  // A short text takes one command. A dry run compares the values of keys without a TTL once more.
  expect(Math.abs(calls.getrange - (2 * WITHOUT_TTL + sampled))).toBeLessThan(50);
  expect(calls['object|idletime']).toBeGreaterThanOrEqual(WITHOUT_TTL);
  expect([calls.get, calls.hget, calls.hstrlen]).toEqual([0, 0, 0]);
  const [pages, repairs] = [calls.scan, calls.eval_ro];
  const questions = calls.evalsha_ro - pages;
  // Each kind of script is sent once as a text, which runs it; one finds out whether scripts are allowed.
  expect(Math.abs(questions - (repairs - 3))).toBeLessThanOrEqual(questions / 3);
  expect(questions).toBeLessThan(pages / 3);
});

it('of jobs no more than the lengths of fields is read, however much data they have', async () => {
  await store.redis.flushall();
  const pipeline = store.redis.pipeline();
  for (let at = 0; at < 100; at += 1) {
    const key = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
    pipeline.hset(key, { data: 'x'.repeat(60_000), timestamp: '1' });
    // Without a TTL they would not be read where reads count as use.
    pipeline.expire(key, 10_000);
  }
  await pipeline.exec();
  await store.redis.config('SET', 'slowlog-max-len', '1000000');
  await store.redis.config('SET', 'slowlog-log-slower-than', '0');
  await runSweep(store.connect, { settings: { pace: 'fast' }, reading: { parts: 1 } });
  await store.redis.config('SET', 'slowlog-log-slower-than', '-1');
  const log = (await store.redis.call('SLOWLOG', 'GET', '-1')) as readonly (readonly [number, number, number, readonly string[]])[];
  const asked = log.map(([, , , words]) => words).filter(([command = '', key = '']) => /^h/i.test(command) && key.startsWith('0000'));
  expect(asked.length).toBeGreaterThanOrEqual(100);
  expect(asked.filter(([command = '', , field]) => /^hget$/i.test(command) && field === 'data')).toEqual([]);
});

it('a fast sweep reads fewer keys per page of a store whose pages take long', async () => {
  const MANY = 8_000;
  const pagesOf = async (plant: (pipeline: ReturnType<RealStore['redis']['pipeline']>, at: number) => unknown) => {
    await store.redis.flushall();
    const pipeline = store.redis.pipeline();
    for (let at = 0; at < MANY; at += 1) plant(pipeline, at);
    await pipeline.exec();
    return (await countCalls(() => runSweep(store.connect, { settings: { pace: 'fast', sampleEvery: 100 }, reading: { parts: 2 } }))).scan;
  };
  await store.redis.config('SET', 'hash-max-listpack-entries', '1');
  const fields = Object.fromEntries(Array.from({ length: 60 }, (_, field) => [`f${field}`, 'x']));
  // Each is asked for its type, its idle time and its size, by its elements.
  const slow = await pagesOf((pipeline, at) => pipeline.hset(`job:${at}`, fields));
  expect(slow).toBeGreaterThan((2 * MANY) / 100);
  await store.redis.config('SET', 'hash-max-listpack-entries', '128');
});
