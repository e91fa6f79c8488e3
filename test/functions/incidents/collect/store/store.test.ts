/** Sessions of several frameworks in a real store of each engine, sampled for an incident. */
import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreNode } from '../../../../../functions/collect/collect.ts';
import { classify } from '../../../../../functions/incidents/classify/classify.ts';
import { createStoreCollector } from '../../../../../functions/incidents/collect/store/store.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../../../functions/sweep/keys/classify-key.ts';
import { STORE_ENGINES } from '../../../../store-engines.ts';
import { type RealStore, startStoreOn } from '../../../sweep/real-store.ts';
import { recordSince } from '../../../sweep/recorded-nodes.ts';
import { evidence } from '../../healthy-evidence.ts';

const REQUEST = {
  incidentId: 'inc-1',
  runbook: 'session-explosion',
  fleets: ['web'],
  fromMs: 0,
  toMs: 1,
  firstSignMs: 0,
  hashKey: 'ab'.repeat(32),
} as const;

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  beforeAll(async () => {
    store = await startStoreOn(engine);
    const { redis } = store;
    const express = (extra: object) => JSON.stringify({ cookie: { originalMaxAge: 1_800_000, httpOnly: true }, ...extra });
    for (let number = 0; number < 100; number += 1) {
      await redis.set(`sess:web:id-${number}`, express({ user: 'anna' }), 'EX', number < 50 ? 30 : 1_800);
    }
    for (let number = 0; number < 20; number += 1) await redis.set(`sess:web:kept-${number}`, express({ history: 'x'.repeat(200_000) }));
    // Without one at first, as Spring Session 3.4 and later writes the sets of minutes.
    for (let minute = 0; minute < 9; minute += 1)
      await redis.sadd(`spring:session:expirations:${1_700_000_000_000 + minute * 60_000}`, 'x');
    for (let number = 0; number < 10; number += 1) {
      const key = `spring:session:sessions:0000000${number}-0000-4000-8000-000000000000`;
      await redis.hset(key, {
        maxInactiveInterval: '900',
        lastAccessedTime: String(Date.now()),
        ...(number < 4 && { 'sessionAttr:SPRING_SECURITY_CONTEXT': 'u' }),
      });
      await redis.expire(key, 1_200);
    }
    await redis.sadd('spring:session:index:org.x.PRINCIPAL_NAME_INDEX_NAME:anna', 'member');
    await redis.set('cache:page', 'not a session');
  });
  afterAll(() => store?.stop());

  const collectFrom = (databases: readonly number[]) => collect({}, [], databases);
  const collect = (
    node: Partial<StoreNode> = {},
    others: readonly StoreNode[] = [],
    databases: readonly number[] = [0],
    opened: (redis: Redis) => unknown = () => undefined,
  ) =>
    createStoreCollector({
      endpoint: async () => ({ name: 'primary', host: '', port: 0, info: () => store.redis.info(), ...node }),
      nodes: async () => others,
      record: () => recordSince(store.redis, 60_000),
      connect: async (_node, database) => {
        const redis = await store.connect();
        await opened(redis);
        await redis.select(database);
        return redis;
      },
      databases,
      classify: createClassify(DEFAULT_SWEEP_SETTINGS),
      now: Date.now,
    })(REQUEST);

  it('counts sessions by dialect, those without TTL, lives and sizes, with nothing of a user in it', async () => {
    const collected = await collect();
    expect(collected).toMatchObject({
      facts: {
        nodes: [{ name: 'primary', state: 'ok', role: 'primary', memoryUsedBytes: expect.any(Number), policy: expect.any(String) }],
        dialects: [
          {
            dialect: 'connect-redis',
            keys: 120,
            sampled: 120,
            withoutTtl: 20,
            // Within 5 s: they were written a moment ago.
            ttlSeconds: { median: expect.closeTo(1_797, -1), max: expect.closeTo(1_797, -1) },
            declaredLifeSeconds: 1_800,
          },
          {
            dialect: 'spring-session',
            keys: 20,
            sampled: 10,
            structural: 1,
            companions: 9,
            withoutTtl: 0,
            declaredLifeSeconds: 900,
          },
          { dialect: 'unknown', keys: 1, withoutTtl: 1, ttlSeconds: null, declaredLifeSeconds: null },
        ],
        sizes: { '131072': 20 },
      },
    });
    const dialect = 'facts' in collected ? collected.facts.dialects[0] : undefined;
    expect(dialect?.ttlSeconds?.min).toBeGreaterThan(20);
    expect(dialect?.ttlSeconds?.min).toBeLessThanOrEqual(30);
    const text = JSON.stringify(collected);
    for (const raw of ['anna', 'id-1', 'kept-', '00000001']) expect(text).not.toContain(raw);
  });

  it('finds the one large attribute among the many of a session', async () => {
    const { redis } = store;
    await redis.select(1);
    for (let number = 0; number < 8; number += 1) {
      const key = `spring:session:sessions:1000000${number}-0000-4000-8000-000000000000`;
      const small = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`sessionAttr:a${number}-${index}`, 'x'.repeat(80)]));
      await redis.hset(key, { lastAccessedTime: String(Date.now()), maxInactiveInterval: '900', ...small });
      await redis.hset(key, 'sessionAttr:report', 'x'.repeat(200_000));
      await redis.expire(key, 1_200);
    }
    await redis.select(0);
    expect(await collectFrom([1])).toMatchObject({ facts: { sizes: { '131072': 8 } } });
  });

  it('uses no session by reading it, where the engine allows that', async () => {
    const { redis } = store;
    if (!engine.name.startsWith('valkey')) return;
    const key = 'spring:session:sessions:00000001-0000-4000-8000-000000000000';
    const idle = () => redis.object('IDLETIME', key);
    while (Number(await idle()) < 2) await new Promise((resolve) => setTimeout(resolve, 100));
    await collect();
    expect(await idle()).toBeGreaterThanOrEqual(2);
  });

  it('counts the sample of each database for that database', async () => {
    const pages = 8_000;
    const pipeline = store.redis.pipeline().select(2);
    for (let number = 0; number < pages; number += 1) pipeline.set(`cache:page:${number}`, 'x');
    await pipeline.select(0).exec();
    expect(await collectFrom([1, 2])).toMatchObject({ facts: { dialects: [{ dialect: 'unknown', keys: pages }, { keys: 8 }] } });
  });

  it('asks for lengths first: neither a field of 100 MB nor a name of 480 KB reaches it, and the other sessions are sampled', async () => {
    const { redis } = store;
    await redis.select(3);
    const session = (number: number) => `spring:session:sessions:2000000${number}-0000-4000-8000-000000000000`;
    for (let number = 0; number < 3; number += 1) await redis.hset(session(number), { lastAccessedTime: '1', maxInactiveInterval: '900' });
    await redis.hset(session(3), { lastAccessedTime: '1', maxInactiveInterval: Buffer.alloc(100_000_000, '9') });
    await redis.set('sess:large', `${JSON.stringify({ cookie: { expires: null } }).slice(0, -1)},"a":"${'x'.repeat(20_000_000)}"}`);
    await redis.sadd(`blog:${'spring:session:'.repeat(32_000)}!:`, 'member');
    await redis.set(`sess:${'x'.repeat(1_020)}`, 'x', 'EX', 1_000);
    await redis.select(0);
    const opened: Redis[] = [];
    const sampled = await collect({}, [], [3], (one) => opened.push(one));
    expect(sampled).toMatchObject({
      facts: {
        dialects: expect.arrayContaining([
          expect.objectContaining({ dialect: 'spring-session', sampled: 4, declaredLifeSeconds: 900 }),
          expect.objectContaining({ dialect: 'connect-redis', sampled: 1 }),
          expect.objectContaining({ dialect: 'unknown', sampled: 2, withoutTtl: 1 }),
        ]),
      },
    });
    expect('gaps' in sampled).toBe(false);
    expect(opened.length).toBeGreaterThan(0);
    for (const { stream } of opened) expect((stream as unknown as Socket).bytesRead).toBeLessThan(100_000);
    await redis.pipeline().select(3).call('FLUSHDB', 'ASYNC').select(0).exec();
  });

  it('takes no key of another program for a session: jobs and throttle counters explain no trouble of sessions', async () => {
    const pipeline = store.redis.pipeline().select(5);
    const hex = (number: number, length: number) => number.toString(16).padStart(length, '0');
    // RQ and Hangfire, whose queued jobs have no TTL.
    for (let number = 0; number < 2_500; number += 1) {
      pipeline.hset(`rq:job:00000000-0000-4000-8000-${hex(number, 12)}`, { status: 'queued', origin: 'default', data: 'x'.repeat(200) });
      pipeline.hset(`hangfire:job:00000000-0000-4000-9000-${hex(number, 12)}`, { State: 'Enqueued', Arguments: 'x'.repeat(200) });
    }
    for (let number = 0; number < 500; number += 1)
      pipeline.set(`laravel_database_laravel_cache_:${hex(number, 40)}`, String(number), 'EX', 60);
    await pipeline.select(0).exec();
    const collected = await collectFrom([5]);
    if (!('facts' in collected)) throw new Error('not collected');
    expect(collected.facts.dialects).toMatchObject([{ dialect: 'unknown', keys: 5_500 }]);
    const { facts } = collected;
    const primary = facts.nodes.filter(({ role }) => role === 'primary').map((one) => ({ ...one, datasetBytes: 3_000_000 }));
    for (const runbook of ['session-explosion', 'logged-out'] as const) {
      const found = classify(evidence({ store: { ...facts, nodes: primary } }), runbook);
      const causes = found.verdict === 'cause' ? [found.cause, ...(found.also ?? [])] : [];
      expect(causes.filter((one) => one === 'missing-expiry' || one === 'timeout-too-short')).toEqual([]);
    }
    await store.redis.pipeline().select(5).call('FLUSHDB', 'ASYNC').select(0).exec();
  });

  it('counts long names where the store’s user may run no script', async () => {
    const { redis } = store;
    await redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-@scripting');
    await redis.select(4);
    await redis.set('sess:1', '{"cookie":{"originalMaxAge":60000}}', 'EX', 60);
    for (let number = 0; number < 3; number += 1) await redis.set(`sess:${'x'.repeat(1_020 + number)}`, 'x');
    await redis.select(0);
    expect(await collect({}, [], [4], (one) => one.call('AUTH', 'no-scripts', ''))).toMatchObject({
      facts: {
        dialects: [
          { dialect: 'unknown', sampled: 3, withoutTtl: 3 },
          { dialect: 'connect-redis', sampled: 1 },
        ],
      },
    });
  });

  it('says what is missing when the primary does not answer', async () => {
    const info = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1:6379'));
    expect(await collect({ info })).toMatchObject({
      facts: { nodes: [{ name: 'primary', state: 'unreachable' }], dialects: [], sizes: {} },
      gaps: ['no primary answered: its sessions were not sampled'],
    });
  });
});
