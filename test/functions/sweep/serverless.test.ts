/** A store that answers like ElastiCache Serverless: a real server in cluster mode behind a proxy that refuses what serverless does. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decideByCounters } from '../../../functions/sweep/begin/end-clean.ts';
import { connectToShard, findShards } from '../../../functions/sweep/nodes/shards.ts';
import { freePort } from '../../../lab/processes/free-port.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { connectTo, type RealStore, startStoreOn } from './real-store.ts';
import { runSweep } from './run-sweep.ts';
import { type ServerlessProxy, startServerlessProxy } from './serverless-proxy.ts';

const PAST_ITS_LIFE = { lastAccessedTime: '1700000000000', maxInactiveInterval: '1800' };

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let redis: Redis;
  let proxy: ServerlessProxy;
  let unit = '';
  const connect = () => connectTo(proxy.port);
  beforeAll(async () => {
    proxy = await startServerlessProxy(() => store.port);
    // The default, 10,000 above its port, can be that of somebody's connection, and the server ends at once.
    const bus = ['--cluster-port', String(await freePort())];
    store = await startStoreOn(engine, ['--cluster-enabled', 'yes', ...bus, '--cluster-announce-port', String(proxy.port)]);
    redis = store.redis;
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await until(async () => /cluster_state:ok/.test(String(await redis.call('CLUSTER', 'INFO'))));
    [unit = ''] = await findShards(connect, [0]);
  });
  beforeEach(() => redis.flushall());
  afterAll(async () => {
    await store?.stop();
    await proxy?.stop();
  });

  const sweep = (options: Parameters<typeof runSweep>[1] = {}) =>
    runSweep(() => connectToShard(connect, unit, [unit]), { shard: unit, ...options });

  async function plant(): Promise<void> {
    const pipeline = redis.pipeline();
    for (let at = 0; at < 200; at += 1) {
      pipeline.hset(`spring:session:sessions:past-${at}`, PAST_ITS_LIFE);
      pipeline.set(`sess:${at}`, JSON.stringify({ cookie: { expires: new Date(Date.now() + 3_600_000).toISOString() } }), 'EX', 1_000);
    }
    pipeline.hset('spring:session:sessions:alive', { lastAccessedTime: String(Date.now()), maxInactiveInterval: '1800' });
    pipeline.set('PHPREDIS_SESSION:flask', 'x');
    await pipeline.exec();
  }

  it('is one unit', () => {
    expect(unit).toBe('0-16383');
  });

  it('is swept by SCAN, PTTL and EXPIRE NX: nothing is deleted, idle times are unknown', async () => {
    await plant();
    const settings = { policy: 'delete', jitterSeconds: 0, idleSeconds: { phpredis: 1_000 } } as const;
    const { tally, method } = await sweep({ settings });
    expect(method).toBe('pipeline');
    expect(tally.keys).toBe(402);
    expect(tally.byDialect['spring-session']).toMatchObject({ repaired: 201, deleted: 0, unrepaired: {} });
    expect(tally.byDialect['phpredis']).toMatchObject({ repaired: 1, deleted: 0, ages: [0, 0, 0, 0, 0, 1] });
    expect(Math.abs((await redis.ttl('spring:session:sessions:past-1')) - 290)).toBeLessThanOrEqual(10);
    expect(Math.abs((await redis.ttl('PHPREDIS_SESSION:flask')) - 990)).toBeLessThanOrEqual(10);
    expect(await redis.ttl('sess:1')).toBeLessThanOrEqual(1_000);
    for (const command of ['EVAL', 'EVAL_RO', 'OBJECT', 'MEMORY']) expect([...proxy.refused]).toContain(command);
  });

  it('a dry run reports the same and writes nothing', async () => {
    await plant();
    const options = { settings: { policy: 'delete', jitterSeconds: 0 } } as const;
    const dry = await sweep({ ...options, dryRun: true });
    expect(await redis.ttl('spring:session:sessions:past-1')).toBe(-1);
    const real = await sweep({ ...options, sweepId: 'sweep-2' });
    expect(dry.tally.byDialect['spring-session']).toEqual(real.tally.byDialect['spring-session']);
  });

  it('goes on from its checkpoint after each invocation', async () => {
    await plant();
    expect((await sweep({ budgetMs: 0 })).tally.keys).toBe(402);
    expect(await redis.ttl('spring:session:sessions:past-199')).toBeGreaterThan(0);
  });

  it('is swept where its INFO has no counters, and never clean by counters', async () => {
    const question = { databases: [0], full: false, reconcile: false, nowMs: Date.now(), settingsKey: 'a', everyHours: 24 };
    const baseline = { settingsKey: 'a', startedAtMs: Date.now() - 1_000, databases: {} };
    const decision = await decideByCounters(connect, { ...question, baseline } as never, async () => undefined);
    expect(decision.because).toBe('uncounted');
  });
});
