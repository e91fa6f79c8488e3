/** Runs that change lives, on a real server: only longer, or only shorter, and only what the catalogue knows. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LifeChange } from '../../../../functions/sweep/contract/tally.ts';
import { readSweepInput, settingsFor } from '../../../../functions/sweep/read-sweep-input.ts';
import { openSweepStore } from '../../../../functions/sweep/store/open-sweep-store.ts';
import { sweepShard } from '../../../../functions/sweep/sweep-shard.ts';
import { memorySweepRecords } from '../../fakes/memory-sweep-records.ts';
import { COOKIE, uuid } from '../planted.ts';
import { type RealStore, serialisedInteger, serialisedLong, snapshot, startStore } from '../real-store.ts';
import { contextOf, hashId, primariesSince, SHARD } from '../run-sweep.ts';

const LOGIN = 'sessionAttr:SPRING_SECURITY_CONTEXT';
let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());
beforeEach(() => store.redis.flushall());

async function run(lives: LifeChange, { dryRun = false, most = 100_000 } = {}) {
  const { redis, connect } = store;
  const context = contextOf({ dryRun });
  const sweep = { ...context, settings: settingsFor(context.settings, readSweepInput({ lives })), lives: { change: lives, most } };
  const records = memorySweepRecords();
  const ports = {
    connect,
    storeName: 'store:6379',
    records,
    hashId,
    storeNodes: () => primariesSince([redis], 0),
    now: Date.now,
    pause: async () => undefined,
  };
  while ((await sweepShard(ports, sweep, SHARD, 20_000)).verdict !== 'DONE');
  return (await records.getCheckpoint(SHARD, sweep.sweepId))?.tally.lives;
}

/** @returns the session's key */
async function spring(seed: number, ttlSeconds: number, more: Record<string, string | Buffer> = {}, usedSecondsAgo = 100): Promise<string> {
  const key = `spring:session:sessions:${uuid(seed)}`;
  const used = serialisedLong(Date.now() - usedSecondsAgo * 1000);
  await store.redis.hset(key, { lastAccessedTime: used, maxInactiveInterval: serialisedInteger(1_800), creationTime: used, ...more });
  await store.redis.expire(key, ttlSeconds);
  return key;
}
const ttl = (key: string) => store.redis.ttl(key);

/** But for the seconds that have passed. */
async function expectSame(before: Awaited<ReturnType<typeof snapshot>>): Promise<void> {
  const after = await snapshot(store.redis);
  expect([...after].map(([key, { dump }]) => [key, dump]).sort()).toEqual([...before].map(([key, { dump }]) => [key, dump]).sort());
  for (const [key, { ttl: seconds }] of before) expect(Math.abs((after.get(key)?.ttl ?? 0) - seconds), key).toBeLessThanOrEqual(3);
}

describe('raise', () => {
  it('gives sessions that would end too soon what they declare, and their markers with them', async () => {
    const short = await spring(1, 30);
    const marker = short.replace('sessions:', 'sessions:expires:');
    await store.redis.set(marker, '', 'EX', 20);
    await store.redis.set('session:flask', 'x', 'EX', 30);
    expect(await run('raise')).toEqual({ changed: 1, kept: 0, notPermitted: 0, overLimit: 0 });
    expect(Math.abs((await ttl(short)) - 2_000)).toBeLessThanOrEqual(2);
    expect(Math.abs((await ttl(marker)) - 1_700)).toBeLessThanOrEqual(2);
    expect(await ttl('session:flask')).toBeLessThanOrEqual(30);
    expect(await run('raise')).toEqual({ changed: 0, kept: 1, notPermitted: 0, overLimit: 0 });
  });

  it('changes nothing else: longer lives, permanent and unknown keys, structures, logged-out sessions', async () => {
    const { redis } = store;
    await spring(1, 50_000);
    await spring(2, 30, { maxInactiveInterval: serialisedInteger(0) });
    await spring(3, 30, { maxInactiveInterval: serialisedInteger(-1) });
    await redis.persist(await spring(4, 30));
    await redis.set('cache:1', 'x', 'EX', 30);
    await redis.set(`laravel_cache:${'a'.repeat(40)}`, 'x', 'EX', 30);
    await redis.zadd('spring:session:sessions:expirations', 1, 'x');
    await redis.set('sess:no-json', COOKIE, 'EX', 30);
    const before = await snapshot(redis);
    expect(await run('raise')).toMatchObject({ changed: 0 });
    await expectSame(before);
  });

  it('counts in a dry run what it would change, and changes nothing', async () => {
    await spring(1, 30);
    await spring(2, 30);
    const before = await snapshot(store.redis);
    expect(await run('raise', { dryRun: true })).toMatchObject({ changed: 2 });
    await expectSame(before);
  });

  it('stops at its limit, and says how many it left', async () => {
    for (let seed = 1; seed <= 5; seed += 1) await spring(seed, 30);
    expect(await run('raise', { most: 2 })).toEqual({ changed: 2, kept: 0, notPermitted: 0, overLimit: 3 });
    const ttls = await Promise.all([1, 2, 3, 4, 5].map((seed) => ttl(`spring:session:sessions:${uuid(seed)}`)));
    expect(ttls.filter((seconds) => seconds > 30)).toHaveLength(2);
  });
});

describe('shorten-anonymous', () => {
  it('keeps what is too large to be a visitor’s, without listing its fields', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_100 }, (_, number) => [`sessionAttr:emptied-${number}`, '']));
    const [small, manyFields] = [await spring(1, 50_000, { 'sessionAttr:emptied': '' }), await spring(2, 50_000, many)];
    const longName = await spring(3, 50_000, { [`sessionAttr:${'x'.repeat(2_000_000)}`]: '' });
    expect(await run('shorten-anonymous')).toMatchObject({ changed: 1, kept: 2 });
    expect(await ttl(small)).toBeLessThanOrEqual(900);
    for (const key of [manyFields, longName]) expect(await ttl(key)).toBeGreaterThan(49_000);
  });

  it('keeps a session with a field whose name is two known ones with a line feed between them', async () => {
    const [saved, last] = ['sessionAttr:SPRING_SECURITY_SAVED_REQUEST', 'sessionAttr:SPRING_SECURITY_LAST_EXCEPTION'];
    const known = await spring(1, 50_000, { [saved]: '/cart', [last]: 'x' });
    const joined = await Promise.all(
      [`${saved}\n${last}`, `${last}\n${saved}`, `${saved}\n`].map((name, at) => spring(at + 2, 50_000, { [name]: 'ann' })),
    );
    const emptied = await spring(9, 50_000, { [`${saved}\n${last}`]: '' });
    expect(await run('shorten-anonymous')).toMatchObject({ changed: 2, kept: joined.length });
    for (const key of joined) expect(await ttl(key)).toBeGreaterThan(49_000);
    for (const key of [known, emptied]) expect(await ttl(key)).toBeLessThanOrEqual(900);
  });

  it('leaves sessions in which nobody is logged in some minutes, and no others', async () => {
    const anonymous = await spring(1, 2_000);
    const marker = anonymous.replace('sessions:', 'sessions:expires:');
    await store.redis.set(marker, '', 'EX', 1_700);
    const loggedIn = await spring(2, 2_000, { [LOGIN]: 'ann' });
    const nearlyOver = await spring(3, 100);
    await store.redis.set('sess:1', COOKIE, 'EX', 2_000);
    await store.redis.set('cache:1', 'x', 'EX', 2_000);
    expect(await run('shorten-anonymous')).toEqual({ changed: 1, kept: 2, notPermitted: 0, overLimit: 0 });
    const left = await ttl(anonymous);
    expect(left).toBeGreaterThanOrEqual(299);
    expect(left).toBeLessThanOrEqual(900);
    expect(await ttl(marker)).toBeLessThan(left);
    for (const key of [loggedIn, 'sess:1', 'cache:1']) expect(await ttl(key)).toBeGreaterThan(1_990);
    expect(await ttl(nearlyOver)).toBeLessThanOrEqual(100);
  });
});

describe('a session that is no visitor’s alone', () => {
  const redisson = async (id: string, more: Record<string, string> = {}) => {
    const key = `redisson:tomcat_session:${id}`;
    const now = String(Date.now());
    const own = { 'session:creationTime': now, 'session:lastAccessedTime': now, 'session:thisAccessedTime': now };
    await store.redis.hset(key, {
      ...own,
      'session:maxInactiveInterval': '1800',
      'session:isNew': 'false',
      'session:isValid': 'true',
      ...more,
    });
    await store.redis.expire(key, 1_860);
    return key;
  };

  it('keeps its life: Spring Security behind Redisson, an application’s own login, a basket', async () => {
    const keeping = [
      await redisson('A', { SPRING_SECURITY_CONTEXT: 'ann' }),
      // As the example application of Tomcat logs in.
      await redisson('B', { user: 'ann', count: '0' }),
      await redisson('C', { 'session:principal': 'ann', 'session:authtype': 'FORM' }),
      await spring(4, 1_860, { 'sessionAttr:user': 'ann' }),
      await spring(5, 1_860, { 'sessionAttr:basket': '3 books' }),
    ];
    const shortened = [
      await redisson('D', { SPRING_SECURITY_SAVED_REQUEST: '/cart' }),
      await spring(6, 1_860, { 'sessionAttr:SPRING_SECURITY_SAVED_REQUEST': '/cart', 'sessionAttr:user': '' }),
    ];
    expect(await run('shorten-anonymous')).toEqual({ changed: 2, kept: 5, notPermitted: 0, overLimit: 0 });
    for (const key of keeping) expect(await ttl(key), key).toBeGreaterThan(1_800);
    for (const key of shortened) expect(await ttl(key), key).toBeLessThanOrEqual(900);
  });
});

describe('a change between reading and writing', () => {
  it('of the session, by a login or by a longer life, keeps it as it is', async () => {
    const key = await spring(1, 2_000);
    const sweepStore = await openSweepStore(await store.connect());
    const [found] = await sweepStore.readValues([{ key: Buffer.from(key), fields: ['lastAccessedTime'] }]);
    const value = found?.fields['lastAccessedTime'];
    const request = (how: 'raise' | 'shorten', leastSeconds: number, used = value as Buffer) => ({
      key: Buffer.from(key),
      type: 'hash',
      life: { how, leastSeconds, onlyFields: ['creationTime', 'lastAccessedTime', 'maxInactiveInterval'] },
      unchanged: [{ field: 'lastAccessedTime', value: used }],
    });
    expect(await sweepStore.changeLives([request('shorten', 300, Buffer.from('other'))], false)).toEqual(['kept']);
    await store.redis.hset(key, LOGIN, 'ann');
    expect(await sweepStore.changeLives([request('shorten', 300)], false)).toEqual(['kept']);
    await store.redis.hdel(key, LOGIN);
    // GT and LT: never the other way.
    expect(await sweepStore.changeLives([request('raise', 1_000), request('shorten', 5_000)], false)).toEqual(['kept', 'kept']);
    await store.redis.expire(key, 30);
    expect(await sweepStore.changeLives([{ ...request('raise', 1_000), type: 'string' }], false)).toEqual(['kept']);
    expect(await ttl(key)).toBeLessThanOrEqual(30);
    expect(await sweepStore.changeLives([request('raise', 1_000)], true)).toEqual(['changed']);
    expect(await ttl(key)).toBeLessThanOrEqual(30);
    expect(await sweepStore.changeLives([request('raise', 1_000)], false)).toEqual(['changed']);
    expect(await ttl(key)).toBeGreaterThan(990);
  });

  it('is refused for a user who may not change the key, before and in a dry run', async () => {
    const key = await spring(1, 30);
    await store.redis.call('ACL', 'SETUSER', 'reader', 'on', '>secret', '%R~*', '+@all');
    const reader = await store.connect();
    await reader.call('AUTH', 'reader', 'secret');
    const sweepStore = await openSweepStore(reader);
    const request = { key: Buffer.from(key), type: 'hash', life: { how: 'raise' as const, leastSeconds: 1_000 }, unchanged: [] };
    expect(await sweepStore.changeLives([request], false)).toEqual(['not-permitted']);
    expect(await sweepStore.changeLives([request], true)).toEqual(['not-permitted']);
    expect(await ttl(key)).toBeLessThanOrEqual(30);
  });
});
