/** The sweep of one shard, on a real server. */
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { COOKIE, plantable } from './planted.ts';
import { connectTo, type RealStore, snapshot, startStore } from './real-store.ts';
import { hashId, invoke, runSweep, SHARD } from './run-sweep.ts';

let store: RealStore;
let redis: Redis;
beforeAll(async () => {
  store = await startStore();
  redis = store.redis;
  await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-eval', '-eval_ro', '-evalsha', '-evalsha_ro');
});
beforeEach(() => redis.flushall());
afterAll(() => store?.stop());

const totals = ({ tally }: Checkpoint) => {
  const dialects = Object.values(tally.byDialect);
  const sum = (part: 'repaired' | 'deleted' | 'structural') => dialects.reduce((all, dialect) => all + dialect[part], 0);
  return { keys: tally.keys, repaired: sum('repaired'), deleted: sum('deleted'), structural: sum('structural'), unknown: tally.unknown };
};

describe.each(['script', 'pipeline'] as const)('each dialect by %s', (method) => {
  const connect = async () => {
    const one = await store.connect();
    if (method === 'pipeline') await one.call('AUTH', 'no-scripts', '');
    return one;
  };
  const nowMs = Date.now();
  const all = plantable(1, nowMs, nowMs - 60_000);

  it.each(all.map((one) => [one.dialect ?? 'unknown', one.role ?? 'key', one.key, one] as const))(
    '%s: a %s %s is known, and repaired to its life or left',
    async (_dialect, _role, key, planted) => {
      await planted.plant(redis);
      const before = await snapshot(redis);
      const { tally, method: used } = await runSweep(connect, { settings: { jitterSeconds: 0 } });
      const after = await snapshot(redis);
      expect(used).toBe(method);
      expect(after.get(key)?.dump).toBe(before.get(key)?.dump);
      const ttl = after.get(key)?.ttl ?? -2;
      if (planted.remainingSeconds === undefined) expect(ttl).toBe(-1);
      // An end that the value states comes nearer while the test runs.
      else expect(Math.abs(ttl - planted.remainingSeconds)).toBeLessThan(Math.max(10, planted.remainingSeconds / 60));
      if (planted.dialect === undefined) expect(tally.unknown).toBe(1);
      else {
        const found = tally.byDialect[planted.dialect];
        expect(found?.structural).toBe(planted.role === 'structural' ? 1 : 0);
        expect(found?.repaired).toBe(planted.remainingSeconds === undefined ? 0 : 1);
      }
    },
  );
});

describe('a sweep', () => {
  const many = async (count: number, plant: (at: number) => [string, string | number, ...(string | number)[]]) => {
    const pipeline = redis.pipeline();
    for (let at = 0; at < count; at += 1) {
      const [command, ...words] = plant(at);
      pipeline.call(command, ...words);
    }
    await pipeline.exec();
  };

  it('continues from its checkpoint after each invocation, and reads each key once', async () => {
    await many(3_000, (at) => ['SET', `sess:${at}`, COOKIE, ...(at % 3 === 0 ? [] : ['EX', 1_000])]);
    const records = memorySweepRecords();
    let invocations = 0;
    for (let verdict = ''; verdict !== 'DONE'; invocations += 1) verdict = (await invoke(store.connect, { records, budgetMs: 0 })).verdict;
    expect(invocations).toBeGreaterThan(10);
    expect(totals((await records.getCheckpoint(SHARD, 'sweep-1')) as Checkpoint)).toMatchObject({ keys: 3_000, repaired: 1_000 });
  });

  it('as a dry run reports exactly what the sweep then does, and writes nothing', async () => {
    const nowMs = Date.now();
    for (const one of plantable(2, nowMs, nowMs - 60_000)) await one.plant(redis);
    const before = await snapshot(redis);
    const dry = await runSweep(store.connect, { dryRun: true });
    expect(await snapshot(redis)).toEqual(before);
    const real = await runSweep(store.connect);
    expect(totals(dry)).toEqual(totals(real));
    expect(totals(real).repaired).toBeGreaterThan(10);
    const bySeconds = (checkpoint: Checkpoint) => checkpoint.tally.persistentKeys.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const [index, planned] of bySeconds(dry).entries()) {
      const done = bySeconds(real)[index];
      expect({ id: done?.id, done: done?.done }).toEqual({ id: planned.id, done: planned.done });
      expect(Math.abs((done?.seconds ?? 0) - (planned.seconds ?? 0))).toBeLessThan(5);
    }
  });

  it('spreads the ends of what it repairs', async () => {
    await many(500, (at) => ['SET', `PHPREDIS_SESSION:${at}`, 'x']);
    await runSweep(store.connect, { settings: { jitterSeconds: 600 } });
    const ttls = [...(await snapshot(redis)).values()].map(({ ttl }) => ttl);
    expect(Math.max(...ttls) - Math.min(...ttls)).toBeGreaterThan(500);
    expect(new Set(ttls).size).toBeGreaterThan(200);
  });

  it('leaves one that is past its life some minutes', async () => {
    await redis.hset('spring:session:sessions:a', { lastAccessedTime: '1700000000000', maxInactiveInterval: '1800' });
    await runSweep(store.connect, { settings: { jitterSeconds: 0, minTtlSeconds: 300 } });
    expect(await redis.ttl('spring:session:sessions:a')).toBe(300);
  });

  it('deletes by policy what is past its life for certain, up to its limit, and gives the rest its life', async () => {
    await many(10, (at) => ['HSET', `spring:session:sessions:${at}`, 'lastAccessedTime', '1700000000000', 'maxInactiveInterval', '1800']);
    await redis.hset('spring:session:sessions:alive', { lastAccessedTime: String(Date.now()), maxInactiveInterval: '1800' });
    const { tally } = await runSweep(store.connect, { settings: { policy: 'delete', maxDeletes: 4, jitterSeconds: 0 } });
    expect(tally.byDialect['spring-session']).toMatchObject({ deleted: 4, repaired: 1, unrepaired: { 'delete-limit': 6 } });
    expect(await redis.dbsize()).toBe(7);
    expect(await redis.ttl('spring:session:sessions:alive')).toBeGreaterThan(2_000);
  });

  it('follows the policy of a dialect, but never beyond what its catalogue entry allows', async () => {
    await redis.set('sess:1', COOKIE);
    await redis.set('PHPREDIS_SESSION:1', 'x');
    await redis.set(`laravel_cache:${'a'.repeat(40)}`, 's:31:"a:1:{s:6:"_token";s:1:"x";}";');
    const { tally } = await runSweep(store.connect, { settings: { policies: { 'connect-redis': 'report', laravel: 'delete' } } });
    expect(tally.byDialect['connect-redis']?.unrepaired).toEqual({ 'report-only': 1 });
    expect(tally.byDialect['laravel']?.repaired).toBe(1);
    expect(tally.byDialect['phpredis']?.repaired).toBe(1);
  });

  it('knows a dialect of the configuration', async () => {
    await redis.set('shop/basket.1', 'x');
    await redis.sadd('shop/all', 'x');
    const dialects = [
      { name: 'baskets', pattern: 'shop/basket.*', type: 'string', structural: false, idleSeconds: 500 },
      { name: 'baskets', pattern: 'shop/all', type: 'set', structural: true, idleSeconds: 0 },
    ] as const;
    const { tally } = await runSweep(store.connect, { settings: { dialects, jitterSeconds: 0 } });
    expect(tally.byDialect['baskets']).toMatchObject({ repaired: 1, structural: 1 });
    const ttl = await redis.pttl('shop/basket.1');
    expect(ttl).toBeLessThanOrEqual(500_000);
    expect(ttl).toBeGreaterThan(490_000);
  });

  it('names keys by a keyed hash alone', async () => {
    await redis.set('sess:of-a-user', `{"cookie":{"expires":null},"cart":"${'x'.repeat(5_000)}"}`);
    const checkpoint = await runSweep(store.connect);
    expect(checkpoint.tally.persistentKeys).toMatchObject([
      { id: hashId(Buffer.from('sess:of-a-user')), dialect: 'connect-redis', done: 'expire' },
    ]);
    expect(checkpoint.tally.large).toMatchObject([{ dialect: 'connect-redis' }]);
    expect(JSON.stringify(checkpoint)).not.toContain('of-a-user');
  });

  it('removes dead members from Spring’s index when configured to, and no others', async () => {
    const index = 'spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:ann';
    const [alive, dead] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    const serialised = (id: string) => Buffer.concat([Buffer.from('aced0005740024', 'hex'), Buffer.from(id)]);
    await redis.hset(`spring:session:sessions:${alive}`, { lastAccessedTime: String(Date.now()) });
    await redis.sadd(index, serialised(alive), serialised(dead), 'no id');
    expect((await runSweep(store.connect, { settings: { reconcile: true }, dryRun: true })).tally.reconciled).toBe(1);
    expect(await redis.scard(index)).toBe(3);
    expect((await runSweep(store.connect, { settings: { reconcile: true } })).tally.reconciled).toBe(1);
    expect(await redis.sismember(index, serialised(dead))).toBe(0);
    expect(await redis.scard(index)).toBe(2);
    expect(await redis.ttl(index)).toBe(-1);
  });
});

describe('two at once', () => {
  afterEach(() => redis.flushall());

  it('the second is refused, naming the first', async () => {
    await redis.set('sess:1', COOKIE);
    const records = memorySweepRecords();
    await records.takeShard(SHARD, 'other', Date.now(), Date.now() + 60_000);
    await expect(runSweep(store.connect, { records })).rejects.toMatchObject({
      name: 'SweepInProgress',
      message: expect.stringContaining('other'),
    });
    expect(await redis.ttl('sess:1')).toBe(-1);
  });

  it('one that is overtaken stops, and what both repaired was repaired once', async () => {
    for (let at = 0; at < 2_000; at += 1) await redis.set(`sess:${at}`, COOKIE);
    const records = memorySweepRecords();
    await invoke(store.connect, { records, budgetMs: 0 });
    // The clock of the second one is a day ahead: the lease of the first looks as if it had ended.
    const ahead = () => Date.now() + 86_400_000;
    const second = runSweep(store.connect, { records, sweepId: 'sweep-2', now: ahead, settings: { jitterSeconds: 0 } });
    await expect(invoke(() => connectTo(store.port), { records })).rejects.toMatchObject({
      name: expect.stringMatching(/SweepInProgress|SweepLeaseLost/),
    });
    const { tally } = await second;
    expect(tally.keys).toBe(2_000);
    const ttls = [...(await snapshot(redis)).values()].map(({ ttl }) => ttl);
    expect(Math.min(...ttls)).toBeGreaterThan(86_000);
  });
});
