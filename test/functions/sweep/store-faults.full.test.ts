/** What may go wrong with a store while it is swept, on real servers. */
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createStoreConnector } from '../../../functions/shared/store/store-connection.ts';
import type { StoreLogin } from '../../../functions/shared/store/store-login.ts';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { openSweepStore } from '../../../functions/sweep/store/open-sweep-store.ts';
import type { RepairRequest } from '../../../functions/sweep/store/sweep-store.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { COOKIE } from './planted.ts';
import { connectTo, type RealStore, snapshot, startStore } from './real-store.ts';
import { invoke, runSweep, SHARD } from './run-sweep.ts';

// Connections that try again take their seconds, and 100 MB theirs on a loaded machine.
vi.setConfig({ testTimeout: 90_000 });

const stores: RealStore[] = [];
async function start(...settings: string[]): Promise<RealStore> {
  const store = await startStore(...settings);
  stores.push(store);
  return store;
}
afterEach(async () => {
  for (const store of stores.splice(0)) await store.stop();
});

const NO_LOGIN: StoreLogin = {
  userName: undefined,
  password: async () => undefined,
  passwordAfterRefusal: async () => undefined,
  renewAfterMs: undefined,
};
const connector = (port: number, { tls = false, password }: { tls?: boolean; password?: string } = {}) =>
  createStoreConnector({ host: '127.0.0.1', port, tls, auth: { mode: 'none' } }, { ...NO_LOGIN, password: async () => password });
const mendedIn = ({ tally }: Checkpoint) => Object.values(tally.byDialect).reduce((sum, { repaired }) => sum + repaired, 0);

async function plant(redis: Redis, keys: number, key = (at: number) => `sess:${at}`): Promise<void> {
  const pipeline = redis.pipeline();
  for (let at = 0; at < keys; at += 1) pipeline.set(key(at), COOKIE);
  await pipeline.exec();
}

describe('an endpoint that is wrong', () => {
  const once = (connect: () => Promise<Redis>) => invoke(connect, { records: memorySweepRecords() });

  it('nothing listens there: retried, then given up', async () => {
    const records = memorySweepRecords();
    const connect = () => connectTo(1);
    expect(await invoke(connect, { records })).toEqual({ verdict: 'WAIT', keys: 0 });
    for (let more = 0; more < 4; more += 1) await invoke(connect, { records });
    await expect(invoke(connect, { records })).rejects.toMatchObject({
      name: 'StoreUnreachable',
      message: expect.stringMatching(/store:6379 did not answer in 6 consecutive attempts: .*(closed|ECONNREFUSED)/),
    });
  });

  it('a wrong password: refused at once, in the store’s words', async () => {
    const store = await start('--requirepass', 'right');
    await expect(once(connector(store.port, { password: 'wrong' }))).rejects.toMatchObject({
      name: 'StoreUnreachable',
      message: expect.stringContaining('WRONGPASS'),
    });
    await expect(once(connector(store.port))).rejects.toMatchObject({
      name: 'StoreUnreachable',
      message: expect.stringContaining('NOAUTH'),
    });
  });

  it('a replica: refused, naming the primary endpoint', async () => {
    const primary = await start();
    const replica = await start('--replicaof', '127.0.0.1', String(primary.port));
    await expect(once(replica.connect)).rejects.toMatchObject({
      name: 'NotAPrimary',
      message: expect.stringContaining('primary endpoint'),
    });
  });
});

describe('a failover in mid-sweep', () => {
  it('starts again at the first page on the new primary; no key is repaired twice, none is missed, no TTL is shortened', async () => {
    const primary = await start();
    const replica = await start('--replicaof', '127.0.0.1', String(primary.port));
    await plant(primary.redis, 3_000);
    await primary.redis.setex('sess:alive', 77_777, 'x');
    let port = primary.port;
    const records = memorySweepRecords();
    const connect = () => connectTo(port);
    const options = { records, settings: { jitterSeconds: 0 } };
    for (let invocation = 0; invocation < 10; invocation += 1) await invoke(connect, { ...options, budgetMs: 0 });
    const halfway = (await records.getCheckpoint(SHARD, 'sweep-1')) as Checkpoint;
    expect(mendedIn(halfway)).toBeGreaterThan(100);
    await primary.redis.wait(1, 2_000);
    await primary.kill();
    expect((await invoke(connect, options)).verdict).toBe('WAIT');
    await replica.redis.replicaof('NO', 'ONE');
    port = replica.port;
    const before = await snapshot(replica.redis);
    const end = await runSweep(connect, options);
    expect(end).toMatchObject({ restarts: 1, tally: { keys: 3_001 } });
    expect(mendedIn(end)).toBe(3_000);
    const after = await snapshot(replica.redis);
    for (const [key, { ttl }] of after) {
      const had = before.get(key)?.ttl ?? -2;
      expect(ttl).toBeGreaterThan(had > 0 ? had - 20 : 86_000);
    }
  });

  it('a primary that became a replica is not written to; the sweep continues when it is a primary again', async () => {
    const store = await start();
    await plant(store.redis, 1_000);
    const records = memorySweepRecords();
    expect((await invoke(store.connect, { records, budgetMs: 0 })).verdict).toBe('REPEAT');
    const repaired = mendedIn((await records.getCheckpoint(SHARD, 'sweep-1')) as Checkpoint);
    await store.redis.config('SET', 'replica-serve-stale-data', 'yes');
    await store.redis.replicaof('127.0.0.1', 1); // nobody is there: it keeps its keys, and answers READONLY
    expect((await invoke(store.connect, { records })).verdict).toBe('WAIT');
    expect([...(await snapshot(store.redis)).values()].filter(({ ttl }) => ttl > 0)).toHaveLength(repaired);
    await expect(store.redis.set('sess:any', COOKIE)).rejects.toThrow(/^READONLY/);
    await store.redis.replicaof('NO', 'ONE');
    const end = await runSweep(store.connect, { records });
    expect([end.restarts, end.tally.keys, mendedIn(end)]).toEqual([0, 1_000, 1_000]);
  });

  it('a connection that reconnects by itself does not continue with its cursor', async () => {
    const store = await start();
    await plant(store.redis, 5_000);
    const connectAgain = connector(store.port);
    let kills = 0;
    const connect = async () => {
      const client = await connectAgain();
      if (kills < 3) setTimeout(() => void store.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'), 30);
      kills += 1;
      return client;
    };
    const records = memorySweepRecords();
    let verdict = '';
    let waits = 0;
    for (let invocation = 0; verdict !== 'DONE' && invocation < 50; invocation += 1) {
      verdict = (await invoke(connect, { records })).verdict;
      waits += Number(verdict === 'WAIT');
    }
    expect(waits).toBeGreaterThan(0);
    expect([...(await snapshot(store.redis)).values()].every(({ ttl }) => ttl > 0)).toBe(true);
    expect((await records.getCheckpoint(SHARD, 'sweep-1'))?.restarts).toBe(0);
  });
});

describe('a store of another kind', () => {
  it('with an LFU policy keeps no idle times: sessions get a whole life, and none is deleted', async () => {
    const { redis, connect } = await start('--maxmemory-policy', 'volatile-lfu');
    await redis.set('PHPREDIS_SESSION:1', 'x');
    const { tally } = await runSweep(connect, {
      settings: { policy: 'delete', jitterSeconds: 0, idleSeconds: { phpredis: 1_000 } },
    });
    expect(tally.byDialect['phpredis']).toMatchObject({ repaired: 1, deleted: 0, ages: [0, 0, 0, 0, 0, 1] });
    expect(await redis.ttl('PHPREDIS_SESSION:1')).toBe(1_000);
  });

  it('that is out of memory is repaired nevertheless', async () => {
    const { redis, connect } = await start('--maxmemory-policy', 'volatile-lru');
    await plant(redis, 200);
    await redis.config('SET', 'maxmemory', '1');
    await expect(redis.set('sess:more', COOKIE)).rejects.toThrow(/^OOM/);
    expect(mendedIn(await runSweep(connect))).toBe(200);
  });
});

describe('a user who may not read keys', () => {
  it('gets an error for the first page, and no store counts as swept', async () => {
    const { redis, port } = await start();
    await plant(redis, 3);
    await redis.call('ACL', 'SETUSER', 'blind', 'on', 'nopass', '~*', '+@all', '-pttl');
    const client = await connectTo(port);
    await client.call('AUTH', 'blind', '');
    const store = await openSweepStore(client);
    const page = store.page({ cursor: '0', count: 10, sampleEvery: 64, sinceSample: 0, largeFromBytes: 0 });
    await expect(page).rejects.toThrow(/can't run this command|permission/i);
    client.disconnect();
  });
});

describe('unusual keys', () => {
  it('binary names are preserved byte by byte', async () => {
    const { redis, connect } = await start();
    const key = Buffer.concat([Buffer.from('sess:'), Buffer.from([0, 255, 13, 10, 128, 34])]);
    await redis.set(key, '{"cookie":{"originalMaxAge":1800000},"name":"Ann"}');
    expect(mendedIn(await runSweep(connect))).toBe(1);
    expect(await redis.ttl(key)).toBeGreaterThan(0);
  });

  it('values of 100 MB are measured without being read', async () => {
    const { redis, connect } = await start();
    const HUNDRED_MB = 100 * 2 ** 20;
    await redis.setrange('sess:huge', HUNDRED_MB - 1, 'x');
    await redis.setrange('sess:huge', 0, '{"cookie":{"originalMaxAge":1800000},"text":"');
    await redis.hset('spring:session:sessions:huge', { maxInactiveInterval: '1800' });
    await redis.eval(`redis.call('HSET', KEYS[1], 'lastAccessedTime', string.rep('9', ${HUNDRED_MB}))`, 1, 'spring:session:sessions:huge');
    const sent = async () => Number(/total_net_output_bytes:(\d+)/.exec(await redis.info('stats'))?.[1]);
    const before = await sent();
    const { tally } = await runSweep(connect);
    expect((await sent()) - before).toBeLessThan(200_000);
    expect(tally.large.map(({ bytes }) => bytes > HUNDRED_MB)).toEqual([true, true]);
    // Its life is in the first bytes of the one, and in a field of the other that is too long.
    expect(tally.byDialect['connect-redis']).toMatchObject({ repaired: 1, unrepaired: {} });
    expect(tally.byDialect['spring-session']).toMatchObject({ repaired: 0, unrepaired: { unreadable: 1 } });
  });

  const session = (key: string, change: Partial<RepairRequest> = {}): RepairRequest => ({
    key: Buffer.from(key),
    type: 'string',
    action: 'expire',
    seconds: 100,
    guard: { kind: 'none' },
    ...change,
  });

  describe.each(['script', 'pipeline'] as const)('that change between page and repair, by %s', (method) => {
    it('are left as they are', async () => {
      const { redis, connect } = await start();
      await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
      const client = await connect();
      if (method === 'pipeline') await client.call('AUTH', 'no-scripts', '');
      const store = await openSweepStore(client);
      expect(store.method).toBe(method);
      await redis.set('still', 'as it was');
      await redis.sadd('other-type', 'x');
      await redis.setex('has-ttl', 50, 'x');
      await redis.hset('used', { at: '2' });
      await redis.set('rewritten', 'new');
      const { outcomes } = await store.repair(
        [
          session('still', { guard: { kind: 'text', value: Buffer.from('as it') } }),
          session('gone'),
          session('other-type'),
          session('has-ttl'),
          session('used', { type: 'hash', guard: { kind: 'field', field: 'at', value: Buffer.from('1') } }),
          session('rewritten', { guard: { kind: 'text', value: Buffer.from('old') } }),
          session('touched', { guard: { kind: 'idle', seconds: 1_000 } }),
        ],
        false,
      );
      expect(outcomes).toEqual(['done', ...Array(6).fill('changed-meanwhile')]);
      expect(await Promise.all(['still', 'other-type', 'has-ttl', 'used', 'rewritten'].map((key) => redis.ttl(key)))).toEqual([
        100, -1, 50, -1, -1,
      ]);
    });
  });
});

describe('a clock that jumps', () => {
  const YEAR_MS = 365 * 86_400_000;
  it.each([
    ['ahead', YEAR_MS, 2_000],
    // Lives are longer then, and never longer than a whole one.
    ['back', -YEAR_MS, 2_000],
  ])('%s shortens no life', async (_, jumpMs, leastTtl) => {
    const { redis, connect } = await start();
    await redis.hset('spring:session:sessions:a', { lastAccessedTime: String(Date.now()), maxInactiveInterval: '1800' });
    await runSweep(connect, { now: () => Date.now() + jumpMs, settings: { jitterSeconds: 0 } });
    const ttl = await redis.ttl('spring:session:sessions:a');
    expect(ttl).toBeGreaterThan(leastTtl);
    expect(ttl).toBeLessThanOrEqual(2_100);
  });
});
