/** Idle times of a promoted node: reads are not replicated, so a session that is only read looks unused there. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoreNodes } from '../../../functions/records/store-nodes.ts';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { type RealStore, startStoreOn } from './real-store.ts';
import { recordOf } from './recorded-nodes.ts';
import { runSweep, type SweepOptions } from './run-sweep.ts';

vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 3_600_000;
const LIFE_SECONDS = 1_000;
/** For keys that were written long ago. */
const LONG_AGO_SECONDS = '9999';

describe.each(STORE_ENGINES)('after a failover, on $name', (engine) => {
  let primary: RealStore;
  let replica: RealStore;
  let used: StoreNodes;
  beforeAll(async () => {
    primary = await startStoreOn(engine);
    replica = await startStoreOn(engine, ['--replicaof', '127.0.0.1', String(primary.port)]);
  });
  afterAll(async () => {
    await replica?.stop();
    await primary?.stop();
  });

  beforeEach(async () => {
    await replica.redis.replicaof('127.0.0.1', primary.port);
    await until(async () => (await replica.redis.info('replication')).includes('master_link_status:up'));
    await primary.redis.flushall();
    await plant('PHPREDIS_SESSION:in-use');
    await plant('PHPREDIS_SESSION:abandoned');
    await primary.redis.hset('spring:session:sessions:over', {
      lastAccessedTime: String(Date.now() - 99 * HOUR_MS),
      maxInactiveInterval: '1800',
    });
    await primary.redis.wait(1, 5_000);
    await primary.redis.get('PHPREDIS_SESSION:in-use'); // the application uses it
    used = await recordOf(replica.redis);
    await replica.redis.replicaof('NO', 'ONE');
  });
  /** Written long ago, on both nodes. */
  async function plant(key: string): Promise<void> {
    await primary.redis.set(key, 'x');
    const dump = await primary.redis.dumpBuffer(key);
    await primary.redis.call('RESTORE', key, '0', dump, 'REPLACE', 'IDLETIME', LONG_AGO_SECONDS);
  }
  const sweep = (options: SweepOptions = {}): Promise<Checkpoint> => {
    const idleSeconds = { phpredis: LIFE_SECONDS };
    const { settings, ...rest } = options;
    return runSweep(replica.connect, { settings: { policy: 'delete', jitterSeconds: 0, idleSeconds, ...settings }, ...rest });
  };
  const ttls = async () => ({
    inUse: await replica.redis.ttl('PHPREDIS_SESSION:in-use'),
    abandoned: await replica.redis.ttl('PHPREDIS_SESSION:abandoned'),
    over: await replica.redis.ttl('spring:session:sessions:over'),
  });

  it('the promoted node itself says that a session in use has been idle for long', async () => {
    expect(Number(await primary.redis.object('IDLETIME', 'PHPREDIS_SESSION:in-use'))).toBeLessThan(10);
    expect(Number(await replica.redis.object('IDLETIME', 'PHPREDIS_SESSION:in-use'))).toBeGreaterThan(9_000);
  });

  it.each([
    ['without a record', async () => undefined],
    ['with the record from before it', async () => used],
    ['with a record of a collector that has stopped', async () => recordOf(replica.redis, undefined, Date.now() - HOUR_MS)],
  ])('%s, its sessions get a whole life, and those whose own fields show that they are over go', async (_, storeNodes) => {
    const { tally } = await sweep({ storeNodes });
    expect(await ttls()).toEqual({ inUse: LIFE_SECONDS, abandoned: LIFE_SECONDS, over: -2 });
    expect(tally.byDialect['phpredis']).toMatchObject({ repaired: 2, deleted: 0 });
    expect(tally.byDialect['phpredis']?.ages.at(-1)).toBe(2);
  });

  it('with the first record of it as primary, idle time counts from there', async () => {
    const first = await recordOf(replica.redis, used, Date.now() - 300_000);
    const { tally } = await sweep({ storeNodes: () => recordOf(replica.redis, first) });
    const { inUse, abandoned } = await ttls();
    expect(tally.byDialect['phpredis']).toMatchObject({ repaired: 2, deleted: 0 });
    for (const ttl of [inUse, abandoned]) {
      expect(ttl).toBeGreaterThanOrEqual(LIFE_SECONDS - 305);
      expect(ttl).toBeLessThanOrEqual(LIFE_SECONDS - 300);
    }
  });

  it('when it has been primary for a session’s life, what was not used since gets the shortest TTL, as the life is not its own', async () => {
    await replica.redis.get('PHPREDIS_SESSION:in-use');
    const first = await recordOf(replica.redis, used, Date.now() - HOUR_MS);
    await sweep({ storeNodes: () => recordOf(replica.redis, first) });
    const { inUse, abandoned } = await ttls();
    expect([inUse > LIFE_SECONDS - 10, abandoned]).toEqual([true, 300]);
  });

  it('a node that was demoted and promoted again counts from its second promotion', async () => {
    const first = await recordOf(replica.redis, used, Date.now() - HOUR_MS);
    await replica.redis.replicaof('127.0.0.1', primary.port);
    await until(async () => (await replica.redis.info('replication')).includes('master_link_status:up'));
    await replica.redis.replicaof('NO', 'ONE');
    await sweep({ storeNodes: () => recordOf(replica.redis, first) });
    expect((await ttls()).inUse).toBeGreaterThan(LIFE_SECONDS - 10);
    expect((await ttls()).abandoned).toBeGreaterThan(LIFE_SECONDS - 10);
  });

  it('where the application reads from replicas, the primary’s idle times prove nothing', async () => {
    const first = await recordOf(replica.redis, used, Date.now() - HOUR_MS);
    await sweep({ storeNodes: () => recordOf(replica.redis, first), settings: { applicationReadsReplicas: true } });
    expect(await ttls()).toEqual({ inUse: LIFE_SECONDS, abandoned: LIFE_SECONDS, over: -2 });
  });
});
