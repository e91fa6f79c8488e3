/** Lifetimes in forms that a sweep cannot read: the key is left and reported, whatever the policy. On real servers. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORE_ENGINES } from '../../store-engines.ts';
import { kryoInteger, kryoLong } from './kryo-numbers.ts';
import { type RealStore, serialisedInteger, serialisedLong, startStoreOn } from './real-store.ts';
import { runSweep, type SweepOptions } from './run-sweep.ts';

const DAY_MS = 86_400_000;
const ID = '00000000-0000-4000-8000-000000000001';
const USED_MS = Date.now() - 600_000;
const cookie = (fields: object, rest: object = {}) => JSON.stringify({ cookie: fields, ...rest });

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let redis: Redis;
  beforeAll(async () => {
    store = await startStoreOn(engine);
    redis = store.redis;
    await redis.call('ACL', 'SETUSER', 'no-values', 'on', 'nopass', '~*', '+@all', '-hget', '-getrange');
    await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
  });
  beforeEach(() => redis.flushall());
  afterAll(() => store?.stop());

  const as = (user: string) => async () => {
    const one = await store.connect();
    await one.call('AUTH', user, '');
    return one;
  };
  const sweep = (options: SweepOptions = {}, connect = store.connect) =>
    runSweep(connect, { ...options, settings: { jitterSeconds: 0, ...options.settings } });
  const plant = (key: string, value: string | Buffer | Record<string, string | Buffer>) =>
    typeof value === 'string' || Buffer.isBuffer(value) ? redis.set(key, value) : redis.hset(key, value);

  const redisson = (lastAccess: string | Buffer, maxInactive: string | Buffer) => ({
    'session:lastAccessedTime': lastAccess,
    'session:maxInactiveInterval': maxInactive,
  });
  const spring = (lastAccess: string | Buffer, maxInactive: string | Buffer) => ({
    lastAccessedTime: lastAccess,
    maxInactiveInterval: maxInactive,
    'sessionAttr:cart': 'x',
  });
  const aspNet = (sliding: string, absolute: string, data: string) => ({ sldexp: sliding, absexp: absolute, data });

  describe.each(['expire', 'delete'] as const)('by policy %s', (policy) => {
    it.each([
      [
        'JBoss Marshalling, Redisson’s default before 3.19',
        `redisson:tomcat_session:a`,
        redisson(Buffer.from('0409320000018bcfe56800', 'hex'), Buffer.from('04080000070832', 'hex')),
      ],
      [
        'Redisson with compression',
        `redisson:tomcat_session:a`,
        redisson(Buffer.from('000000077009', 'hex'), Buffer.from('000000033002', 'hex')),
      ],
      ['one readable field of two', `redisson:tomcat_session:a`, redisson('\x01\x02', '1800')],
      ['the other one', `redisson:tomcat_session:a`, redisson(kryoLong(1), '?')],
      ['a lifetime in words', 'spring:session:sessions:a', spring(serialisedLong(1_700_000_000_000), 'PT30M')],
      ['an empty field', 'spring:session:sessions:a', spring(serialisedLong(1_700_000_000_000), '')],
      ['a value of 129 bytes', 'spring:session:sessions:a', spring(`"${'1'.repeat(127)}"`, '1800')],
      ['a last access in seconds', 'spring:session:sessions:a', spring('1700000000', '1800')],
      ['a last access as a date', 'spring:session:sessions:a', spring('2026-01-01T00:00:00Z', '1800')],
      ['an encrypted session', 'spring:session:sessions:a', spring('gAAAAABl', 'gAAAAABm')],
      ['a date that is none', 'sess:a', cookie({ expires: 'tomorrow' })],
    ])('%s: left, and reported as unreadable', async (_, key, value) => {
      await plant(key, value);
      const { tally } = await sweep({ settings: { policy } });
      expect(await redis.ttl(key)).toBe(-1);
      expect(Object.values(tally.byDialect)).toMatchObject([{ repaired: 0, deleted: 0, unrepaired: { unreadable: 1 } }]);
      expect(tally.persistentKeys).toMatchObject([{ done: 'unreadable' }]);
    });
  });

  it.each([
    ['an entry of a cache that ends', `shop:${ID}`, aspNet('-1', '638000000000000000', '\x02')],
    ['one that lives for ever', `shop:${ID}`, aspNet('-1', '-1', '\x02')],
    ['one with other data', `Basket:${ID}`, aspNet('12000000000', '-1', '{"items":[]}')],
    ['ticks in another form', `shop:${ID}`, aspNet('00:20:00', '-1', '\x02')],
    ['MessagePack', 'sess:a', Buffer.from('81a6636f6f6b696581a765787069726573c0', 'hex')],
    ['no JSON', 'sess:a', 's%3Aabc'],
    ['nothing in it', 'sess:a', ''],
    ['a cookie in the middle', 'sess:a', JSON.stringify({ a: 'x'.repeat(600), cookie: { expires: null }, b: 'x'.repeat(600) })],
    ['an expiry in seconds', 'user:session:a', JSON.stringify({ sessionToken: 'a', userId: '1', expires: 1_900_000_000 })],
    ['another user’s token', 'user:session:a', JSON.stringify({ sessionToken: 'b', userId: '1', expires: '2999-01-01T00:00:00Z' })],
  ])('%s: no session by its value, so unknown and left', async (_, key, value) => {
    await plant(key, value);
    const { tally } = await sweep({ settings: { policy: 'delete' } });
    expect([await redis.ttl(key), tally.byDialect, tally.unknown]).toEqual([-1, {}, 1]);
  });

  it.each([
    ['a cookie at the end', JSON.stringify({ cart: 'x'.repeat(900), cookie: { originalMaxAge: 5_000_000, expires: null } }), 5_000],
  ])('%s is read', async (_, value, seconds) => {
    await plant('sess:a', value);
    await sweep();
    expect(Math.abs((await redis.ttl('sess:a')) - seconds)).toBeLessThan(60);
  });

  it.each([
    ['Kryo 5, Redisson’s default', 'redisson:tomcat_session:a', redisson(kryoLong(USED_MS), kryoInteger(7_200)), 7_260 - 600],
    ['Redisson’s JsonJacksonCodec', 'redisson:tomcat_session:a', redisson(`["java.lang.Long",${USED_MS}]`, '7200'), 7_260 - 600],
    [
      'Redisson’s SerializationCodec',
      'redisson:tomcat_session:a',
      redisson(serialisedLong(USED_MS), serialisedInteger(7_200)),
      7_260 - 600,
    ],
    ['Spring’s JDK serialisation', 'spring:session:sessions:a', spring(serialisedLong(USED_MS), serialisedInteger(7_200)), 7_500 - 600],
    ['Spring’s JSON', 'spring:session:sessions:a', spring(`${USED_MS}`, '7200'), 7_500 - 600],
    ['connect-redis', 'sess:a', cookie({ originalMaxAge: null, expires: new Date(Date.now() + 30 * DAY_MS).toISOString() }), 30 * 86_400],
    ['a long connect-redis session', 'sess:a', cookie({ originalMaxAge: 9_000_000, expires: null }, { cart: 'ü'.repeat(5_000) }), 9_000],
  ])('%s is read', async (_, key, value, seconds) => {
    await plant(key, value);
    await sweep();
    expect(Math.abs((await redis.ttl(key)) - seconds)).toBeLessThan(60);
  });

  it('a field that is absent is not unreadable: the framework’s default counts', async () => {
    await plant('spring:session:sessions:partial', { lastAccessedTime: `${Date.now()}` });
    await plant(`spring:session:sessions:${ID}`, { 'sessionAttr:cart': 'x' });
    await plant('spring:session:chat:sessions:stats', { topic: 'x' });
    await sweep();
    expect(await redis.ttl('spring:session:chat:sessions:stats')).toBe(-1);
    for (const id of ['partial', ID]) expect(await redis.ttl(`spring:session:sessions:${id}`)).toBeGreaterThan(2_090);
  });

  it.each([
    ['unreadable', spring('?', '1800'), 'unreadable'],
    ['too long', spring(serialisedLong(USED_MS), '1'.repeat(200)), 'unreadable'],
    ['of another type', 'no hash', 'unreadable'],
  ])('a marker whose session is %s', async (_, session, reason) => {
    await plant(`spring:session:sessions:${ID}`, session);
    await redis.expire(`spring:session:sessions:${ID}`, 5_000);
    await redis.set(`spring:session:sessions:expires:${ID}`, '');
    const { tally } = await sweep({ settings: { policy: 'delete' } });
    expect(tally.byDialect['spring-session']).toMatchObject({ companionsWithoutTtl: 1, repaired: 0, unrepaired: { [reason]: 1 } });
    expect(await redis.ttl(`spring:session:sessions:expires:${ID}`)).toBe(-1);
  });

  it('values that the sweep’s user is not allowed to read: left', async () => {
    await plant('spring:session:sessions:a', spring(serialisedLong(1_700_000_000_000), serialisedInteger(1_800)));
    await plant('sess:a', cookie({ originalMaxAge: 60_000, expires: '2026-01-01T00:00:00.000Z' }));
    const { tally } = await sweep({ settings: { policy: 'delete' } }, as('no-values'));
    expect(tally.byDialect).toMatchObject({
      'spring-session': { repaired: 0, deleted: 0, unrepaired: { unreadable: 1 } },
      'connect-redis': { repaired: 0, deleted: 0, unrepaired: { unverified: 1 } },
    });
    expect(await redis.dbsize()).toBe(2);
  });

  it('without scripts: left too', async () => {
    await plant('redisson:tomcat_session:a', redisson('?', '1800'));
    const { method, tally } = await sweep({}, as('no-scripts'));
    expect([method, tally.byDialect['redisson-tomcat']?.unrepaired]).toEqual(['pipeline', { unreadable: 1 }]);
    expect(await redis.ttl('redisson:tomcat_session:a')).toBe(-1);
  });

  it('a dialect of the configuration gives such sessions a lifetime', async () => {
    await plant('sess:a', 'encrypted');
    const dialects = [{ name: 'encrypted', pattern: 'sess:*', type: 'string', structural: false, idleSeconds: 5_000 }] as const;
    await sweep({ settings: { dialects } });
    expect(await redis.ttl('sess:a')).toBeGreaterThan(4_990);
  });
});

describe.each(STORE_ENGINES)('a command that the engine does not have, on $name', (engine) => {
  it.each(['HSTRLEN', 'HGET', 'GETRANGE'])('%s: what it reads is unreadable, and no key gets into an error', async (command) => {
    const store = await startStoreOn(engine, ['--rename-command', command, '']);
    try {
      const [key, value] = ['spring:session:sessions:SECRET', { lastAccessedTime: '1700000000000', maxInactiveInterval: '1800' }];
      await store.redis.hset(key, value);
      await store.redis.set('sess:SECRET', '{"cookie":{"originalMaxAge":60000}}');
      const { tally } = await runSweep(store.connect, { settings: { policy: 'delete', jitterSeconds: 0 } });
      const dialect = tally.byDialect[command === 'GETRANGE' ? 'connect-redis' : 'spring-session'];
      expect(dialect?.unrepaired).toEqual(command === 'GETRANGE' ? { unverified: 1 } : { unreadable: 1 });
    } finally {
      await store.stop();
    }
  });
});
