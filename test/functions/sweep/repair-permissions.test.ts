/** What a sweep's user is permitted to change, in a dry run as in a real one, on a real server. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { openSweepStore } from '../../../functions/sweep/store/open-sweep-store.ts';
import type { RepairRequest } from '../../../functions/sweep/store/sweep-store.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { until } from '../../until.ts';
import { connectTo, type RealStore, startStoreOn } from './real-store.ts';
import { runSweep } from './run-sweep.ts';

const READS = '+ping +info +time +scan +pttl +type +object|idletime +memory|usage +hstrlen +hget +hmget +getrange +strlen';
const PAST_ITS_LIFE = { lastAccessedTime: '1700000000000', maxInactiveInterval: '1800' };

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let redis: Redis;
  beforeAll(async () => {
    store = await startStoreOn(engine);
    redis = store.redis;
  });
  beforeEach(async () => {
    await redis.flushall();
    await redis.call('ACL', 'DELUSER', 'narrow');
  });
  afterAll(() => store?.stop());

  /** A user with these rules, and READS. */
  async function userWith(rules: string): Promise<() => Promise<Redis>> {
    await redis.call('ACL', 'SETUSER', 'narrow', 'on', 'nopass', '-@all', ...READS.split(' '), ...rules.split(' '));
    return () => connectTo(store.port, { username: 'narrow', password: 'any' });
  }
  async function plant(): Promise<void> {
    for (const prefix of ['mine:', 'other:']) {
      for (let at = 0; at < 3; at += 1) await redis.hset(`${prefix}spring:session:sessions:past-${at}`, PAST_ITS_LIFE);
      await redis.hset(`${prefix}spring:session:sessions:alive`, { lastAccessedTime: String(Date.now()), maxInactiveInterval: '1800' });
    }
  }
  const counts = ({ tally }: Checkpoint) => {
    const { repaired, deleted, unrepaired } = tally.byDialect['spring-session'] ?? {};
    return { repaired, deleted, unrepaired };
  };
  /** The reports of a dry run and of a real one, which must agree. */
  async function sweepTwice(connect: () => Promise<Redis>) {
    const settings = { policy: 'delete', jitterSeconds: 0 } as const;
    const dry = counts(await runSweep(connect, { settings, dryRun: true }));
    const real = counts(await runSweep(connect, { settings, sweepId: 'sweep-2' }));
    expect(dry).toEqual(real);
    return real;
  }

  it.each([
    [
      'keys with another prefix',
      '%R~* ~mine:* +eval_ro +eval +expire +unlink',
      { repaired: 1, deleted: 3, unrepaired: { 'not-permitted': 4 } },
    ],
    ['any key', '%R~* +eval_ro +eval +expire +unlink', { repaired: 0, deleted: 0, unrepaired: { 'not-permitted': 8 } }],
    [
      'keys that it may read and write by different rules',
      '%R~* %W~mine:* +eval_ro +eval +expire +unlink',
      { repaired: 0, deleted: 0, unrepaired: { 'not-permitted': 8 } },
    ],
    ['keys by UNLINK', '~* +eval_ro +eval +expire', { repaired: 2, deleted: 0, unrepaired: { 'not-permitted': 6 } }],
    ['keys by EXPIRE', '~* +eval_ro +eval +unlink', { repaired: 0, deleted: 6, unrepaired: { 'not-permitted': 2 } }],
    ['keys by EXPIRE, with EVAL alone', '~* +eval +unlink', { repaired: 0, deleted: 6, unrepaired: { 'not-permitted': 2 } }],
    ['nothing', '~* +eval_ro +eval +expire +unlink', { repaired: 2, deleted: 6, unrepaired: {} }],
  ])('a user who may not change %s: the dry run reports what the real run is refused', async (_, rules, expected) => {
    await plant();
    expect(await sweepTwice(await userWith(rules))).toEqual(expected);
  });

  describe.each([
    ['EVAL_RO and no EVAL', '+eval_ro'],
    ['no scripts', ''],
  ])('a user with %s', (_, scripts) => {
    it('repairs by EXPIRE NX, and what is past its life gets some minutes', async () => {
      await plant();
      const connect = await userWith(`~* ${scripts} +expire`.replace('  ', ' '));
      expect(await sweepTwice(connect)).toEqual({ repaired: 8, deleted: 0, unrepaired: {} });
      expect(await redis.ttl('mine:spring:session:sessions:past-0')).toBe(300);
    });

    it('is refused the same keys in both runs, and the dry run writes nothing', async () => {
      await plant();
      const connect = await userWith(`%R~* ~mine:* ${scripts} +expire`.replace('  ', ' '));
      await runSweep(connect, { settings: { policy: 'delete' }, dryRun: true });
      expect(await redis.ttl('mine:spring:session:sessions:alive')).toBe(-1);
      expect(await sweepTwice(connect)).toEqual({ repaired: 4, deleted: 0, unrepaired: { 'not-permitted': 4 } });
    });
  });

  it('a dry run without scripts on a replica reports what the primary would refuse', async () => {
    await plant();
    const replica = await startStoreOn(engine, ['--replicaof', '127.0.0.1', String(store.port)]);
    try {
      await until(async () => (await replica.redis.dbsize()) === 8);
      await replica.redis.call('ACL', 'SETUSER', 'narrow', 'on', 'nopass', '-@all', ...READS.split(' '), '%R~*', '~mine:*', '+expire');
      const client = await connectTo(replica.port, { username: 'narrow', password: 'any' });
      const opened = await openSweepStore(client);
      const request = (key: string): RepairRequest => ({
        key: Buffer.from(key),
        type: 'hash',
        action: 'expire',
        seconds: 9,
        guard: { kind: 'none' },
      });
      const requests = [request('mine:spring:session:sessions:alive'), request('other:spring:session:sessions:alive')];
      expect(await opened.repair(requests, true)).toEqual({ outcomes: ['done', 'not-permitted'] });
      client.disconnect();
    } finally {
      await replica.stop();
    }
  });

  it('a user who loses EVAL in mid-sweep repairs by EXPIRE NX from then on', async () => {
    await plant();
    const client = await (await userWith('~* +eval_ro +eval +expire +unlink'))();
    const opened = await openSweepStore(client);
    await redis.call('ACL', 'SETUSER', 'narrow', '-eval');
    const request = (at: number): RepairRequest => ({
      key: Buffer.from(`mine:spring:session:sessions:past-${at}`),
      type: 'hash',
      action: at === 0 ? 'delete' : 'expire',
      seconds: 100,
      guard: { kind: 'none' },
    });
    expect(await opened.repair([request(0), request(1)], false)).toEqual({ outcomes: ['expired', 'done'] });
    expect(await redis.ttl('mine:spring:session:sessions:past-0')).toBe(100);
    expect(await opened.repair([request(2)], false)).toEqual({ outcomes: ['done'] });
    client.disconnect();
  });
});
