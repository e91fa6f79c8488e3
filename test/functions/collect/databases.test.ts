/** Many databases of a real server of each engine, as its INFO counts them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoreReading } from '../../../functions/collect/contract.ts';
import type { TtlBaseline } from '../../../functions/records/ttl-baseline.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { testCollector } from '../fakes/test-collector.ts';
import { type RealStore, startStoreOn } from '../sweep/real-store.ts';

describe.each(STORE_ENGINES)('a store of 40 databases, $name', (engine) => {
  let store: RealStore;
  beforeAll(async () => {
    store = await startStoreOn(engine, ['--databases', '40']);
  });
  afterAll(() => store?.stop());
  beforeEach(() => store.redis.flushall());

  async function plant(database: number, expiring: number, persistent: number): Promise<void> {
    await store.redis.select(database);
    for (let at = 0; at < expiring; at += 1) await store.redis.set(`sess:${at}`, '{}', 'EX', 600);
    for (let at = 0; at < persistent; at += 1) await store.redis.set(`left:${at}`, '{}');
    await store.redis.select(0);
  }
  const node = { name: 'store:1', host: 'store', port: 1, info: () => store.redis.info() };
  let baseline: TtlBaseline | undefined;
  const collect = (swept: readonly number[]): Promise<StoreReading> =>
    testCollector({
      nodes: async () => [node],
      swept,
      baseline: {
        get: async () => baseline,
        lower: async (lowered) => {
          baseline = lowered;
        },
      },
    })();

  it('is counted by database, and the alarm counts the swept ones', async () => {
    await plant(0, 3, 1);
    await plant(16, 0, 7);
    await plant(39, 5, 2);
    expect(await collect([0, 39])).toMatchObject({
      keys: 18,
      withoutTtl: 3,
      activeSessions: 11,
      databases: [
        { database: 0, keys: 4, expires: 3, isSwept: true },
        { database: 16, keys: 7, expires: 0, isSwept: false },
        { database: 39, keys: 7, expires: 5, isSwept: true },
      ],
    });
  });

  it('has a baseline that a flush lowers, so that new keys do not hide behind it', async () => {
    baseline = {
      sweepId: 's',
      takenAtMs: 1,
      startedAtMs: 0,
      settingsKey: 'k',
      primaries: 1,
      byDatabase: { 39: { left: 9, structural: 9, unrepaired: 0 } },
    };
    await plant(39, 0, 9);
    expect(await collect([39])).toMatchObject({ withoutTtl: 0, leftOnPurpose: 9 });
    await store.redis.flushall();
    expect(await collect([39])).toMatchObject({ withoutTtl: 0, leftOnPurpose: 0 });
    await plant(39, 0, 9);
    expect(await collect([39])).toMatchObject({ withoutTtl: 9 });
  });
});
