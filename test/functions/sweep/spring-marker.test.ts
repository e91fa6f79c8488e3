/**
 * The keys of Spring's RedisIndexedSessionRepository that belong together: a session (max + 300 s), its marker
 * `sessions:expires:<id>` (max), and the set of the minute in which it expires. When the marker expires, Spring reads the
 * session, publishes SessionExpiredEvent and cleans up its index: the session must still be there.
 */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORE_ENGINES } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { type RealStore, serialisedInteger, serialisedLong, startStoreOn } from './real-store.ts';
import { runSweep, type SweepOptions } from './run-sweep.ts';

const MAX_SECONDS = 1_800;
const GRACE_SECONDS = 300;
const LEAST_SECONDS = 300;
const sessionOf = (id: string) => `spring:session:sessions:${id}`;
const markerOf = (id: string) => `spring:session:sessions:expires:${id}`;

describe.each(STORE_ENGINES)('Spring’s marker and its session, on $name', (engine) => {
  let store: RealStore;
  let redis: Redis;
  beforeAll(async () => {
    store = await startStoreOn(engine, ['--notify-keyspace-events', 'Exg']);
    redis = store.redis;
  });
  beforeEach(() => redis.flushall());
  afterAll(() => store?.stop());

  const session = (id: string, usedSecondsAgo: number, maxSeconds = MAX_SECONDS) =>
    redis.hset(sessionOf(id), {
      creationTime: serialisedLong(Date.now() - 9_000_000),
      lastAccessedTime: serialisedLong(Date.now() - usedSecondsAgo * 1_000),
      maxInactiveInterval: serialisedInteger(maxSeconds),
    });
  const marker = (id: string) => redis.append(markerOf(id), '');
  const sweep = (options: SweepOptions = {}) => runSweep(store.connect, options);
  const ttls = async (id: string) => ({ session: await redis.ttl(sessionOf(id)), marker: await redis.ttl(markerOf(id)) });

  it('both without a TTL: the marker gets the life that Spring gives it, whatever the jitter; the session gets its grace too', async () => {
    const used = Array.from({ length: 60 }, (_, at) => at * 40);
    for (const seconds of used) {
      await session(`s${seconds}`, seconds);
      await marker(`s${seconds}`);
    }
    await sweep({ settings: { jitterSeconds: 600 } });
    for (const seconds of used) {
      const found = await ttls(`s${seconds}`);
      const remaining = MAX_SECONDS - seconds;
      expect(found.session).toBeGreaterThanOrEqual(Math.max(remaining + GRACE_SECONDS, LEAST_SECONDS) - 10);
      expect(Math.abs(found.marker - Math.max(remaining, LEAST_SECONDS / 2))).toBeLessThan(10);
      expect(found.marker).toBeLessThanOrEqual(found.session - 60);
    }
  });

  it('repaired by different sweeps, the session first, past its life: the marker still goes first', async () => {
    await session('a', 99_999);
    await sweep({ settings: { jitterSeconds: 0 } });
    await redis.pexpire(sessionOf('a'), 90_000); // time has passed
    await marker('a');
    await sweep({ sweepId: 'next', settings: { jitterSeconds: 0 } });
    const found = await ttls('a');
    expect(found.marker).toBeLessThanOrEqual(45);
    expect(found.marker).toBeGreaterThan(0);
    expect(found.marker).toBeLessThan(found.session);
  });

  it('a session with a shorter TTL than its fields say bounds its marker', async () => {
    await session('a', 0);
    await redis.expire(sessionOf('a'), 700);
    await marker('a');
    await sweep();
    expect(await ttls('a')).toEqual({ session: expect.closeTo(700, -1), marker: expect.closeTo(640, -1) });
  });

  it('the session is there, and readable, when its marker expires', async () => {
    const listener = await store.connect();
    const found: number[] = [];
    listener.on('message', (_, key: string) => {
      if (key === markerOf('a')) void redis.exists(sessionOf('a')).then((exists) => found.push(exists));
    });
    await listener.subscribe('__keyevent@0__:expired');
    await session('a', 99_999);
    await redis.pexpire(sessionOf('a'), 4_500);
    await marker('a');
    await sweep();
    await until(() => found.length > 0);
    expect(found).toEqual([1]);
  });

  it.each([
    ['has no TTL', async () => undefined],
    ['has a TTL', async () => redis.expire(markerOf('a'), 30)],
  ])('a session past its life is not deleted while its marker %s, and is deleted without one', async (_, prepare) => {
    await session('a', 99_999);
    await marker('a');
    await prepare();
    await session('b', 99_999);
    const { tally } = await sweep({ settings: { policy: 'delete', jitterSeconds: 0 } });
    expect(tally.byDialect['spring-session']?.deleted).toBe(1);
    expect(await redis.exists(sessionOf('b'))).toBe(0);
    const found = await ttls('a');
    expect(found.session).toBeGreaterThan(found.marker);
    expect(found.marker).toBeGreaterThan(0);
  });

  it('a session without expiry keeps its marker without one', async () => {
    await session('a', 99_999, -1);
    await marker('a');
    const { tally } = await sweep({ settings: { policy: 'delete' } });
    expect(await ttls('a')).toEqual({ session: -1, marker: -1 });
    expect(tally.byDialect['spring-session']?.unrepaired).toEqual({ permanent: 2 });
  });

  it('a marker without a session gets the framework’s default', async () => {
    await marker('a');
    await sweep();
    expect((await ttls('a')).marker).toBeGreaterThan(MAX_SECONDS - 10);
  });

  it('the set of a minute ends five minutes after it, and one of the past soon', async () => {
    const minute = Math.ceil(Date.now() / 60_000) * 60_000;
    const ahead = `spring:session:expirations:${minute + 1_200_000}`;
    const past = `spring:session:expirations:${minute - 86_400_000}`;
    for (const key of [ahead, past]) await redis.sadd(key, 'expires:a');
    await sweep();
    const end = (minute + 1_200_000) / 1_000 + GRACE_SECONDS - Date.now() / 1_000;
    expect(Math.abs((await redis.ttl(ahead)) - end)).toBeLessThan(10);
    expect(Math.abs((await redis.ttl(past)) - LEAST_SECONDS / 2)).toBeLessThan(10);
  });
});
