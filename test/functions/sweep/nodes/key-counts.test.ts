import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyCounts } from '../../../../functions/sweep/contract/checkpoint.ts';
import { leastKeysSeen, readKeyCounts } from '../../../../functions/sweep/shard/start-on-node.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { until } from '../../../until.ts';
import { type RealStore, startStoreOn } from '../real-store.ts';

const counts = (keys: number, change: Partial<KeyCounts> = {}): KeyCounts => ({
  keys,
  stale: 0,
  expired: 0,
  evicted: 0,
  removals: 0,
  ...change,
});

describe('the least number of keys that a sweep has seen', () => {
  it.each([
    ['all, when none went', counts(100), counts(100), 100],
    ['not those that came', counts(100), counts(150), 100],
    ['those that are left', counts(100), counts(60), 60],
    ['less those that expired and were deleted, whatever came for them', counts(100), counts(100, { expired: 5, removals: 7 }), 88],
    ['less those that were evicted', counts(100, { evicted: 2 }), counts(100, { evicted: 5 }), 97],
    ['less those that are past their TTL', counts(100, { stale: 10 }), counts(95), 90],
    ['statistics that were reset count for nothing', counts(100, { expired: 50 }), counts(100), 100],
  ])('%s', (_, before, after, least) => expect(leastKeysSeen(before, after)).toBe(least));
});

describe.each(STORE_ENGINES)('the counts of $name', (engine) => {
  let store: RealStore;
  let replica: RealStore;
  beforeAll(async () => {
    store = await startStoreOn(engine);
    replica = await startStoreOn(engine, ['--replicaof', '127.0.0.1', String(store.port)]);
  });
  afterAll(async () => {
    await replica?.stop();
    await store?.stop();
  });

  it('are of one database, and include what scripts removed', async () => {
    const { redis } = store;
    for (let at = 0; at < 20; at += 1) await redis.set(`one:${at}`, 'x', 'EX', 1_000);
    await redis.set('two', 'x');
    const before = await readKeyCounts(redis, 0);
    expect(before).toMatchObject({ keys: 21, removals: 0 });
    expect(await readKeyCounts(redis, 3)).toMatchObject({ keys: 0 });
    await redis.eval("return redis.call('DEL', KEYS[1])", 1, 'one:0');
    await redis.unlink('one:1');
    const after = await readKeyCounts(redis, 0);
    expect(after).toMatchObject({ keys: 19, removals: 2 });
    expect(leastKeysSeen(before, after)).toBe(17);
    // A replica does not expire keys by itself: up to a tenth of those with a TTL can be past it.
    await until(async () => (await replica.redis.dbsize()) === 19);
    expect(await readKeyCounts(replica.redis, 0)).toMatchObject({ keys: 19, stale: 2 });
  });
});
