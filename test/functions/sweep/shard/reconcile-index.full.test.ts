/** Dead members of Spring's index sets, over several invocations with hardly any time, on a real server. */
import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../../functions/sweep/contract/checkpoint.ts';
import { newCheckpoint } from '../../../../functions/sweep/progress.ts';
import type { SweepRecords } from '../../../../functions/sweep/sweep-records.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { memorySweepRecords } from '../../fakes/memory-sweep-records.ts';
import { type RealStore, startStoreOn } from '../real-store.ts';
import { invoke, runSweep, SHARD } from '../run-sweep.ts';

const PREFIX = 'spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:';
const idOf = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
const PAST_ITS_LIFE = { lastAccessedTime: '1700000000000', maxInactiveInterval: '1800' };
const settings = { reconcile: true } as const;

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let redis: Redis;
  beforeAll(async () => {
    store = await startStoreOn(engine, []);
    redis = store.redis;
  });
  beforeEach(() => redis.flushall());
  afterAll(() => store?.stop());

  /** Index sets with members of which one in ten is alive. @returns the number of dead ones */
  async function plant(sets: number, members: number): Promise<number> {
    const pipeline = redis.pipeline();
    for (let set = 0; set < sets; set += 1) {
      const ids = Array.from({ length: members }, (_, at) => idOf(set * members + at));
      pipeline.sadd(`${PREFIX}user-${set}`, ...ids);
      for (const [at, id] of ids.entries())
        if (at % 10 === 0) pipeline.hset(`spring:session:sessions:${id}`, { lastAccessedTime: '"x"', maxInactiveInterval: '-1' });
    }
    await pipeline.exec();
    return (sets * members * 9) / 10;
  }
  async function expectOnlyLiveMembers(sets: number, members: number): Promise<void> {
    for (let set = 0; set < sets; set += 1) expect(await redis.scard(`${PREFIX}user-${set}`)).toBe(members / 10);
  }

  /** @returns the checkpoints after each invocation */
  async function runInSteps(records: SweepRecords, options: { dryRun?: boolean } = {}): Promise<Checkpoint[]> {
    const checkpoints: Checkpoint[] = [];
    for (let verdict = ''; verdict !== 'DONE'; ) {
      verdict = (await invoke(store.connect, { records, settings, budgetMs: 0, ...options })).verdict;
      checkpoints.push((await records.getCheckpoint(SHARD, 'sweep-1')) as Checkpoint);
      expect(checkpoints.length).toBeLessThan(500);
    }
    return checkpoints;
  }

  it('all are removed where no invocation has time for more than a page', async () => {
    const dead = await plant(300, 10);
    const checkpoints = await runInSteps(memorySweepRecords());
    expect(checkpoints.length).toBeGreaterThan(20);
    expect(checkpoints.at(-1)?.tally.reconciled).toBe(dead);
    await expectOnlyLiveMembers(300, 10);
  });

  it('ids in each form are removed, and no other member is sent, however long it is', async () => {
    const jdk = (id: string) => Buffer.concat([Buffer.from('aced0005740024', 'hex'), Buffer.from(id)]);
    const large = [Buffer.alloc(20_000_000, 'x'), Buffer.from(`"${idOf(4)}${'0'.repeat(5_000_000)}"`)];
    await redis.sadd(`${PREFIX}ann`, idOf(1), `"${idOf(2)}"`, jdk(idOf(3)), 'not an id', ...large);
    await redis.sadd(`${PREFIX}bob`, jdk(idOf(5)), jdk(idOf(6)));
    await redis.hset(`spring:session:sessions:${idOf(6)}`, { lastAccessedTime: '"x"', maxInactiveInterval: '-1' });
    const opened: Redis[] = [];
    const connect = async () => {
      const one = await store.connect();
      opened.push(one);
      return one;
    };
    // Two long ones, and one that is no id.
    expect((await runSweep(connect, { settings })).tally).toMatchObject({ reconciled: 4, notJudged: 3 });
    expect([await redis.scard(`${PREFIX}ann`), await redis.scard(`${PREFIX}bob`)]).toEqual([3, 1]);
    for (const { stream } of opened) expect((stream as unknown as Socket).bytesRead).toBeLessThan(200_000);
  });

  it('ids of another serializer are not judged by a session alive whose id is plain', async () => {
    const encoded = Buffer.from(idOf(2)).toString('base64');
    await redis.sadd(`${PREFIX}ann`, idOf(1), encoded, 'A'.repeat(43), 'B'.repeat(43));
    for (const id of [idOf(1), idOf(2), 'A'.repeat(43)])
      await redis.hset(`spring:session:sessions:${id}`, { lastAccessedTime: '"x"', maxInactiveInterval: '-1' });
    expect((await runSweep(store.connect, { settings })).tally).toMatchObject({ reconciled: 1, notJudged: 1 });
    expect((await redis.smembers(`${PREFIX}ann`)).toSorted()).toEqual([idOf(1), 'A'.repeat(43), encoded].toSorted());
  });

  it('a form of ids that an invocation has met alive counts for the next ones', async () => {
    const live = { lastAccessedTime: '"x"', maxInactiveInterval: '-1' };
    await redis.sadd(`${PREFIX}ann`, 'A'.repeat(43));
    await redis.hset(`spring:session:sessions:${'A'.repeat(43)}`, live);
    const { provenForms = [] } = await runSweep(store.connect, { settings });
    expect(provenForms).toEqual([expect.stringMatching(/^[\w-]{16}$/)]);
    await redis.flushall();
    await redis.sadd(`${PREFIX}eve`, 'B'.repeat(43));
    const records = memorySweepRecords();
    const sweepAfter = async (before: Partial<Checkpoint>) => {
      const takeShard: SweepRecords['takeShard'] = async (...words) => {
        const taken = await records.takeShard(...words);
        return taken.taken ? { ...taken, checkpoint: { ...newCheckpoint(words[1]), ...before } } : taken;
      };
      return (await runSweep(store.connect, { settings, records: { ...records, takeShard } })).tally;
    };
    expect(await sweepAfter({})).toMatchObject({ reconciled: 0, notJudged: 1 });
    expect(await sweepAfter({ provenForms })).toMatchObject({ reconciled: 1, notJudged: 0 });
  });

  it('a user without EVAL_RO is asked for it once', async () => {
    await plant(60, 10);
    await redis.call('ACL', 'SETUSER', 'eval-alone', 'on', 'nopass', '~*', '+@all', '-eval_ro', '-evalsha_ro');
    const connect = async () => {
      const one = await store.connect();
      await one.call('AUTH', 'eval-alone', '');
      return one;
    };
    await redis.call('CONFIG', 'RESETSTAT');
    expect((await runSweep(connect, { settings })).tally).toMatchObject({ reconciled: 540, notJudged: 0 });
    // Once for the scripts of pages, and for the sets of one step.
    expect(Number(/cmdstat_eval_ro:.*rejected_calls=(\d+)/.exec(await redis.info('commandstats'))?.[1])).toBeLessThanOrEqual(11);
  });

  it('the search of one large set goes on where the last invocation was', async () => {
    const dead = await plant(1, 3_000);
    const checkpoints = await runInSteps(memorySweepRecords());
    expect(checkpoints.at(-1)?.tally.reconciled).toBe(dead);
    await expectOnlyLiveMembers(1, 3_000);
    const searched = checkpoints.map(({ tally }) => tally.reconciled);
    // It never starts again: each invocation that is in the set removes more.
    const inSet = searched.slice(
      searched.findIndex((count) => count > 0),
      searched.indexOf(dead) + 1,
    );
    expect(inSet.length).toBeGreaterThan(20);
    expect(new Set(inSet).size).toBe(inSet.length);
  });

  it('members that are no id are counted once, over many invocations', async () => {
    await plant(8, 400);
    for (let set = 0; set < 8; set += 1) await redis.sadd(`${PREFIX}user-${set}`, ...Array.from({ length: 150 }, (_, at) => `no id ${at}`));
    const checkpoints = await runInSteps(memorySweepRecords());
    expect(checkpoints.length).toBeGreaterThan(5);
    const { notJudged = 0 } = checkpoints.at(-1)?.tally ?? {};
    expect(notJudged).toBeGreaterThanOrEqual(1_200);
    // A set that is made smaller meanwhile returns some members twice.
    expect(notJudged).toBeLessThan(1_300);
  });

  it('the records hold no name of a set', async () => {
    await plant(8, 400);
    const checkpoints = await runInSteps(memorySweepRecords());
    expect(checkpoints.some(({ setCursors }) => Object.keys(setCursors ?? {}).length > 0)).toBe(true);
    expect(JSON.stringify(checkpoints)).not.toMatch(/user-|PRINCIPAL/);
  });

  it('a dry run counts each dead member once, and removes none', async () => {
    const dead = await plant(8, 400);
    const checkpoints = await runInSteps(memorySweepRecords(), { dryRun: true });
    expect(checkpoints.at(-1)?.tally.reconciled).toBe(dead);
    expect(checkpoints.at(-1)?.tally.notJudged).toBe(0);
    expect(await redis.scard(`${PREFIX}user-0`)).toBe(400);
  });

  it('keys are counted once, although pages with unfinished sets are read again', async () => {
    await plant(8, 400);
    const keys = await redis.dbsize();
    const checkpoints = await runInSteps(memorySweepRecords());
    expect(checkpoints.at(-1)?.tally.keys).toBeGreaterThanOrEqual(keys);
    expect(checkpoints.at(-1)?.tally.keys).toBeLessThan(keys * 1.02);
    expect(checkpoints.at(-1)?.tally.byDialect['spring-session']?.structural).toBe(8);
  });

  it('an invocation that is killed after a checkpoint forgets no set', async () => {
    await plant(200, 10);
    const pipeline = redis.pipeline();
    for (let at = 0; at < 1_000; at += 1) pipeline.hset(`spring:session:sessions:dead-${at}`, PAST_ITS_LIFE);
    await pipeline.exec();
    const records = memorySweepRecords();
    // Its checkpoints are those before deletes; it is killed before the last one.
    let saves = 0;
    const dying: SweepRecords = {
      ...records,
      async saveCheckpoint(...words) {
        saves += 1;
        if (saves > 4) throw new Error('killed');
        return records.saveCheckpoint(...words);
      },
    };
    const options = { settings: { ...settings, policy: 'delete' } } as const;
    await expect(invoke(store.connect, { records: dying, ...options })).rejects.toThrow('killed');
    expect(await redis.dbsize()).toBeLessThan(1_400 - 300);
    await runSweep(store.connect, { records, ...options });
    await expectOnlyLiveMembers(200, 10);
    expect(await redis.dbsize()).toBe(400);
  });

  it.each(['sscan', 'exists', 'srem'])('names %s when its user is not allowed to run it, and does not succeed', async (command) => {
    await plant(2, 10);
    await redis.call('ACL', 'SETUSER', 'restricted', 'reset', 'on', 'nopass', '~*', '+@all', `-${command}`);
    const connect = async () => {
      const one = await store.connect();
      await one.call('AUTH', 'restricted', '');
      return one;
    };
    await expect(runSweep(connect, { settings })).rejects.toThrow(`not allowed to run ${command.toUpperCase()}`);
  });

  it('a member whose session appears before the second check stays', async () => {
    await plant(1, 10);
    const pause = async () => void (await redis.hset(`spring:session:sessions:${idOf(5)}`, { maxInactiveInterval: '-1' }));
    await runSweep(store.connect, { settings, pause });
    expect(await redis.smembers(`${PREFIX}user-0`)).toHaveLength(2);
    expect(await redis.sismember(`${PREFIX}user-0`, idOf(5))).toBe(1);
  });
});
