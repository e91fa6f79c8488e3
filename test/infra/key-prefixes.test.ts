/** Prefixes with every permitted character: their users on a real store, alone and in cluster mode. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SWEEP_SETTINGS, KEY_PREFIX } from '../../functions/sweep/contract/settings.ts';
import type { Begun } from '../../functions/sweep/contract/steps.ts';
import type { SweepReport } from '../../functions/sweep/report/make-report.ts';
import { createSweep, type SweepPorts } from '../../functions/sweep/sweep.ts';
import { keyPrefix } from '../../infra/config/sessions.ts';
import { applicationAccess, sweepAccess } from '../../infra/constructs/store/access-strings.ts';
import { COOKIE } from '../functions/sweep/planted.ts';
import { type RealCluster, startCluster } from '../functions/sweep/real-cluster.ts';
import { connectTo, type RealStore, startStore } from '../functions/sweep/real-store.ts';
import { runSweep } from '../functions/sweep/run-sweep.ts';
import { beginOf, portsOf, sweepToEnd } from '../functions/sweep/steps-of-sweep.ts';

const ENGINE = { engine: 'valkey', engineVersion: '8.0', databases: [0] as number[] } as const;
const PASSWORD = 'pass';
const PREFIXES = ['{app}:', '{spring:session}:', 'shop.example/sess:', 'a@b#c=d-e_f:', '#x:', '@read:', '-@all:', '=:', './:'];

const setUser = (redis: Redis, name: string, access: string) =>
  redis.call('ACL', 'SETUSER', name, 'reset', `>${PASSWORD}`, ...access.split(' '));
const applicationOf = (prefix: string) => applicationAccess({ keyPrefix: prefix, channels: ['spring-session-indexed'] }, [0]);
/** Keys next to a prefix: each begins otherwise, by one character. */
const nextTo = (prefix: string) => [...prefix].map((_, at) => `${prefix.slice(0, at)}~${prefix.slice(at + 1)}id`);

describe('on a single primary', () => {
  let store: RealStore;
  beforeAll(async () => {
    store = await startStore();
  });
  afterAll(() => store?.stop());

  it.each(PREFIXES)('%s is what the servers reach, and no key next to it', async (prefix) => {
    expect(keyPrefix.safeParse(prefix).success).toBe(true);
    await store.redis.flushall();
    await setUser(store.redis, 'app', applicationOf(prefix));
    const app = await connectTo(store.port, { username: 'app', password: PASSWORD });
    try {
      expect(await app.set(`${prefix}id`, 'x')).toBe('OK');
      for (const key of nextTo(prefix)) await expect(app.set(key, 'x'), key).rejects.toThrow(/NOPERM/);
    } finally {
      app.disconnect();
    }
    for (const key of nextTo(prefix)) await store.redis.set(key, 'x');
    // No character of it is one of a pattern.
    expect(await store.redis.keys(`${prefix}*`)).toEqual([`${prefix}id`]);
  });

  it.each(PREFIXES)('%s is what a sweep recognises and may repair', async (prefix) => {
    await store.redis.flushall();
    await setUser(store.redis, 'sweep', sweepAccess(ENGINE, [{ keyPrefix: prefix }]));
    await store.redis.set(`${prefix}id`, COOKIE);
    await store.redis.hset(`${prefix}sessions:0b9d9f5e-0000-4000-8000-000000000001`, {
      creationTime: '1790000000000',
      lastAccessedTime: String(Date.now()),
      maxInactiveInterval: '1800',
    });
    await store.redis.set('sess:elsewhere', COOKIE);
    const connect = () => connectTo(store.port, { username: 'sweep', password: PASSWORD });
    const settings = { keyPrefixes: [{ prefix, framework: 'connect-redis' as const }] };
    const { byDialect } = (await runSweep(connect, { settings })).tally;
    expect(byDialect['connect-redis']).toMatchObject({ repaired: 1, unrepaired: { 'not-permitted': 1 } });
    expect(byDialect['spring-session']).toMatchObject({ repaired: 1 });
  });

  it('named in a store of others, it alone is repaired where no access string forbids more, and --learn lists the others', async () => {
    await store.redis.flushall();
    await store.redis.set('shop:id', COOKIE);
    const others = Array.from({ length: 12 }, (_, at) => `sess:${String(at).padStart(32, '0')}`);
    for (const key of others) await store.redis.set(key, COOKIE);
    const connect = () => connectTo(store.port);
    const settings = { keyPrefixes: [{ prefix: 'shop:', framework: 'connect-redis' as const }], onlyKeyPrefixes: true };
    const learnt = (await runSweep(connect, { settings, learn: true, dryRun: true })).tally.shapes;
    expect(Object.values(learnt ?? {})).toMatchObject([{ shape: 'sess:{id:32}', keys: 12, resembles: 'connect-redis' }]);
    const { byDialect } = (await runSweep(connect, { settings })).tally;
    expect(byDialect).toMatchObject({ 'connect-redis': { repaired: 1, sessionsWithoutTtl: 1 } });
    expect(await Promise.all(others.map((key) => store.redis.ttl(key)))).toEqual(others.map(() => -1));
  });

  // redis/redis 6418: a space in a pattern ended the word, and the rest became a rule of its own.
  it('every other printable character is refused, and each of these would reach other keys, or end the word', () => {
    const refused = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).filter((one) => !KEY_PREFIX.test(one));
    expect(refused.join('')).toBe(' !"$%&\'()*+,;<>?[\\]^`|~');
    expect(keyPrefix.safeParse('a*').error?.issues[0]?.message).toContain('since others are patterns in access strings');
  });
});

describe('in cluster mode', () => {
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await startCluster(3);
  });
  afterAll(() => cluster?.stop());

  // authelia/authelia 2324, tj/connect-redis 360 and redisson/redisson 1897 ended with CROSSSLOT without one.
  it('a hash tag puts all sessions on one shard, where the sweep repairs them', async () => {
    const prefix = '{app}:';
    for (const { redis } of cluster.primaries) {
      await setUser(redis, 'sweep', `${sweepAccess(ENGINE, [{ keyPrefix: prefix }])} +cluster|slots +cluster|nodes +readonly`);
      await setUser(redis, 'app', applicationOf(prefix));
    }
    const primary = await cluster.primaryOf('{app}:');
    const app = await connectTo(primary.port, { username: 'app', password: PASSWORD });
    try {
      for (let at = 0; at < 50; at += 1) await app.set(`${prefix}${at}`, COOKIE);
      // Several keys in one command, and a rename, as frameworks send them.
      expect(await app.mget(`${prefix}1`, `${prefix}2`)).toEqual([COOKIE, COOKIE]);
      expect(await app.rename(`${prefix}0`, `${prefix}renamed`)).toBe('OK');
    } finally {
      app.disconnect();
    }
    const reports: SweepReport[] = [];
    const ports: SweepPorts = portsOf((node) => connectTo(node?.port ?? primary.port, { username: 'sweep', password: PASSWORD }), reports, {
      settings: { ...DEFAULT_SWEEP_SETTINGS, pace: 'fast', keyPrefixes: [{ prefix, framework: 'connect-redis' }] },
    });
    const begun = (await createSweep(ports)(beginOf('s1', {}))) as Begun;
    await sweepToEnd(ports, begun);
    expect(reports[0]?.shards.map(({ keys }) => keys).toSorted((a, b) => a - b)).toEqual([0, 0, 50]);
    expect(reports[0]?.byDialect['connect-redis']).toMatchObject({ repaired: 50, unrepaired: {} });
  });
});
