/** Sweeps whose time is over before they have read every key, on a real store: the next one goes on. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweepLines } from '../../../cli/sweep/sweep-lines.ts';
import { chooseBaseline, estimateSessions } from '../../../functions/collect/estimate-sessions.ts';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { PAUSES_AFTER_MS } from '../../../functions/sweep/contract/environment.ts';
import type { SweepRecord, SweepSummary } from '../../../functions/sweep/contract/record.ts';
import type { Begun, SweepInput } from '../../../functions/sweep/contract/steps.ts';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { createSweep, type SweepPorts } from '../../../functions/sweep/sweep.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { COOKIE } from './planted.ts';
import { type RealStore, startStoreOn } from './real-store.ts';
import { begin, beginOf, portsOf, step, sweepToEnd } from './steps-of-sweep.ts';

const HOUR = 3_600_000;
const KEYS = 3_000;
const SCHEDULE: SweepInput = { requestedBy: 'schedule' };

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let nowMs: number;
  let ports: SweepPorts;
  let repaired: (number | undefined)[];
  beforeAll(async () => {
    store = await startStoreOn(engine);
  });
  afterAll(() => store?.stop());
  beforeEach(async () => {
    await store.redis.flushall();
    await plant('sess', KEYS);
    nowMs = Date.now();
    repaired = [];
    const metrics = { swept: (numbers: { readonly repaired?: number }) => void repaired.push(numbers.repaired) };
    // One page in each invocation.
    ports = portsOf(() => store.connect(), [] as SweepReport[], { now: () => nowMs, budgetMs: 0, metrics });
  });
  const plant = async (name: string, count: number) => {
    const pipeline = store.redis.pipeline();
    for (let at = 0; at < count; at += 1) pipeline.set(`${name}:${at}`, COOKIE);
    await pipeline.exec();
  };
  const withTtl = async () => {
    const [, , , expires] = /keys=(\d+),(expires)=(\d+)/.exec(await store.redis.info('keyspace')) ?? [];
    return Number(expires ?? 0);
  };

  /** Some pages, and then the time is over. @returns the record and the checkpoint of the only unit */
  async function paused(name: string, input = SCHEDULE): Promise<{ begun: Begun; record: SweepRecord; checkpoint: Checkpoint }> {
    const begun = await begin(ports, name, input);
    for (let page = 0; page < 5; page += 1) expect(await step(ports, begun, '0001')).toMatchObject({ verdict: 'REPEAT' });
    nowMs += PAUSES_AFTER_MS;
    const { summary } = await sweepToEnd(ports, begun);
    const record = (await ports.records.getSweep(name)) as SweepRecord;
    expect(record.summary).toEqual(summary);
    return { begun, record, checkpoint: (await ports.records.getCheckpoint('0001', name)) as Checkpoint };
  }

  it('one that needs longer pauses, its record ends, and it prints how far it came', async () => {
    const { record, checkpoint } = await paused('first');
    expect(checkpoint.isDone).toBe(false);
    const { keys } = record.summary as SweepSummary;
    expect(record).toMatchObject({ status: 'PAUSED', finishedAtMs: nowMs, summary: { paused: { ofKeys: KEYS, goesOn: true } } });
    expect([keys > 0, keys < KEYS, keys]).toEqual([true, true, checkpoint.tally.keys]);
    const lines = sweepLines(record, undefined, nowMs);
    expect(lines).toContain('outcome  PAUSED');
    expect(lines).toContain(`paused       ${keys.toLocaleString('en-US')} of about 3,000 keys are read; the next sweep goes on from here`);
    expect(await ports.baseline.get()).toBeUndefined();
    expect(await ports.shares()).toMatchObject({ takenAtMs: nowMs, byDialect: { 'connect-redis': { sessions: KEYS } } });
  });

  it.each([
    ['the schedule', SCHEDULE],
    ['a check, an hour later', { requestedBy: 'check', check: true }],
    ['a command', { requestedBy: 'ann' }],
  ])('%s goes on where it was, reads each key once, and ends it', async (_title, input) => {
    const { checkpoint, record } = await paused('first');
    nowMs += 2 * HOUR;
    const begun = await begin(ports, 'second', input);
    expect(begun).toMatchObject({ verdict: 'DONE', sweep: { unfinished: { sweepIds: ['second', 'first'] } } });
    await step(ports, begun, '0001');
    const next = await ports.records.getCheckpoint('0001', 'second');
    expect(next?.parts[0]?.keys).toBeGreaterThan(checkpoint.parts[0]?.keys ?? 0);
    const { summary } = await sweepToEnd({ ...ports, budgetMs: 20_000 }, begun);
    expect(summary).toMatchObject({ keys: KEYS, repaired: KEYS });
    expect(summary).not.toHaveProperty('paused');
    expect(await withTtl()).toBe(KEYS);
    expect(await ports.records.getSweep('second')).toMatchObject({ status: 'SUCCEEDED', because: 'continued' });
    // The metric counts each repair once, and the baseline is as old as the first page.
    expect(repaired.reduce<number>((sum, one = 0) => sum + one, 0)).toBe(KEYS);
    expect(await ports.baseline.get()).toMatchObject({ startedAtMs: record.startedAtMs, byDatabase: { 0: { left: 0 } } });
  });

  it('the number of sessions stays the same while the next sweep goes on', async () => {
    const active = async () => {
      const now = { keys: await store.redis.dbsize(), expires: await withTtl() };
      return estimateSessions(now, chooseBaseline(await ports.shares(), undefined, now)).activeSessions;
    };
    await paused('first');
    expect(await active()).toBe(KEYS);
    nowMs += HOUR;
    const begun = await begin(ports, 'second', SCHEDULE);
    for (let verdict = ''; verdict !== 'DONE'; ) {
      ({ verdict } = await step(ports, begun, '0001'));
      expect(Math.abs((await active()) - KEYS)).toBeLessThan(10);
    }
  });

  it('no key is left unswept for ever, however many times the time is over', async () => {
    let parts = 0;
    for (let status: string | undefined = 'PAUSED'; status === 'PAUSED' && parts < 40; parts += 1) {
      const begun = await begin(ports, `part-${parts}`, SCHEDULE);
      for (let page = 0; page < 4; page += 1) await step(ports, begun, '0001');
      nowMs += PAUSES_AFTER_MS;
      await sweepToEnd(ports, begun);
      status = (await ports.records.getSweep(`part-${parts}`))?.status;
      nowMs += HOUR;
    }
    expect(parts).toBeGreaterThan(2);
    expect(await withTtl()).toBe(KEYS);
    expect(await ports.records.getSweep(`part-${parts - 1}`)).toMatchObject({
      status: 'SUCCEEDED',
      summary: { keys: KEYS, repaired: KEYS },
    });
  });

  it('one that was stopped by force gets an end, and the next goes on from its last checkpoint', async () => {
    const begun = await begin(ports, 'first', SCHEDULE);
    for (let page = 0; page < 5; page += 1) await step(ports, begun, '0001');
    const { tally } = (await ports.records.getCheckpoint('0001', 'first')) as Checkpoint;
    nowMs += 12 * HOUR;
    const second = await begin(ports, 'second', SCHEDULE);
    expect(await ports.records.getSweep('first')).toMatchObject({
      status: 'FAILED',
      finishedAtMs: nowMs,
      error: { Error: 'SweepStopped' },
    });
    await step(ports, second, '0001');
    expect((await ports.records.getCheckpoint('0001', 'second'))?.tally.keys).toBeGreaterThan(tally.keys);
    expect((await sweepToEnd({ ...ports, budgetMs: 20_000 }, second)).summary).toMatchObject({ keys: KEYS, repaired: KEYS });
  });

  it('after a failover the next begins at the first page: a cursor is valid on one run of one node', async () => {
    await paused('first');
    const { records } = ports;
    const stale = (await records.getCheckpoint('0001', 'first')) as Checkpoint;
    await records.takeShard('0001', 'first', nowMs, nowMs + 1);
    await records.saveCheckpoint('0001', { ...stale, runId: 'gone', primaryRunId: 'gone' }, nowMs);
    await records.releaseShard('0001', 'first');
    const begun = await begin(ports, 'second', SCHEDULE);
    await step(ports, begun, '0001');
    const { restarts, parts } = (await records.getCheckpoint('0001', 'second')) as Checkpoint;
    expect([restarts, (parts[0]?.keys ?? 0) < (stale.parts[0]?.keys ?? 0)]).toEqual([1, true]);
    expect((await sweepToEnd({ ...ports, budgetMs: 20_000 }, begun)).summary).toMatchObject({ keys: KEYS, repaired: KEYS });
  });

  it.each<[string, SweepInput, Partial<SweepPorts>, number]>([
    ['a sweep of every key', { full: true }, {}, 0],
    ['one of another version of the function', SCHEDULE, { version: '2' }, 0],
    ['one with a policy of its own', { policy: 'expire' }, {}, 0],
    ['one that reconciles indexes', { reconcile: true }, {}, 0],
    ['one four days later', SCHEDULE, {}, 96 * HOUR],
  ])('%s begins anew', async (_title, input, change, laterMs) => {
    const { checkpoint } = await paused('first');
    nowMs += laterMs;
    const begun = await begin({ ...ports, ...change }, 'second', input);
    await step({ ...ports, ...change }, begun, '0001');
    const next = (await ports.records.getCheckpoint('0001', 'second')) as Checkpoint;
    expect(next.tally.keys).toBeLessThan(checkpoint.tally.keys);
  });

  it.each<[string, SweepInput, 'ends' | 'pauses']>([
    ['a dry run', { dryRun: true }, 'ends'],
    ['a dry run that pauses too', { dryRun: true }, 'pauses'],
    ['one that changes lives', { lives: 'raise' }, 'ends'],
    ['one with a policy of its own', { policy: 'report' }, 'pauses'],
    ['one with a policy of its own, which repairs the rest,', { policy: { 'connect-redis': 'delete' } }, 'ends'],
  ])('%s between them leaves its position: the next goes on from there, and counts each repair once', async (_title, input, how) => {
    const { checkpoint } = await paused('first');
    nowMs += HOUR;
    const other = await begin(ports, 'other', { ...input, requestedBy: 'ann' });
    await step(ports, other, '0001');
    expect((await ports.records.getCheckpoint('0001', 'other'))?.tally.keys).toBeLessThan(checkpoint.tally.keys);
    if (how === 'pauses') nowMs += PAUSES_AFTER_MS;
    await sweepToEnd({ ...ports, budgetMs: 20_000 }, other);
    expect(await ports.records.getSweep('other')).toMatchObject({ status: how === 'ends' ? 'SUCCEEDED' : 'PAUSED' });
    nowMs += HOUR;
    const second = await begin(ports, 'second', SCHEDULE);
    expect(second.sweep.unfinished?.sweepIds).toEqual(['second', 'first']);
    await step(ports, second, '0001');
    expect((await ports.records.getCheckpoint('0001', 'second'))?.tally.keys).toBeGreaterThan(checkpoint.tally.keys);
    expect((await sweepToEnd({ ...ports, budgetMs: 20_000 }, second)).summary).toMatchObject({ keys: KEYS });
    expect(await withTtl()).toBe(KEYS);
    expect(repaired.reduce<number>((sum, one = 0) => sum + one, 0)).toBe(KEYS);
  });

  it('it pauses by the start of its execution, of which Begin can have waited for hours', async () => {
    const { sweep } = (await createSweep(ports)(beginOf('first', SCHEDULE, nowMs - 10 * HOUR))) as Begun;
    expect(sweep).toMatchObject({ startedAtMs: nowMs, pausesAtMs: nowMs - 10 * HOUR + PAUSES_AFTER_MS });
    await expect(createSweep(ports)({ ...beginOf('second', SCHEDULE), startTime: 'noon' })).rejects.toMatchObject({
      name: 'InvalidSweep',
      message: '"noon" is not a start time; no sweep was started',
    });
  });

  it('after a fault in one database the others go on where they were, and begin anew once they are read', async () => {
    await store.redis.call('ACL', 'SETUSER', 'one-database', 'on', 'nopass', '~*', '+@all', '-select');
    await store.redis.call('SELECT', '3');
    await store.redis.set('sess:x', COOKIE);
    await store.redis.call('SELECT', '0');
    const connect = async () => {
      const client = await store.connect();
      await client.call('AUTH', 'one-database', '');
      return client;
    };
    ports = { ...ports, connect, settings: { ...ports.settings, databases: [0, 3] } };
    const keysAtBegin: number[] = [];
    for (const [name, pages] of Object.entries({ a: 4, b: 4, c: 40, d: 1 })) {
      const begun = await begin(ports, name, SCHEDULE);
      for (let page = 0; page < pages; page += 1) {
        for (const shard of begun.shards) await step(ports, begun, shard);
        if (page === 0) keysAtBegin.push((await ports.records.getCheckpoint('0001', name))?.tally.keys ?? 0);
      }
      nowMs += PAUSES_AFTER_MS;
      await expect(sweepToEnd(ports, begun)).rejects.toThrow(/SELECT|database/);
      expect(await ports.records.getSweep(name)).toMatchObject({ status: 'FAILED' });
      nowMs += HOUR;
    }
    const [a = 0, b = 0, c = 0, d = 0] = keysAtBegin;
    expect([b > a, c > b, d < b]).toEqual([true, true, true]);
  });

  it('a dry run ends as paused too, and nothing goes on from it', async () => {
    const { record } = await paused('first', { dryRun: true });
    expect(record).toMatchObject({ status: 'PAUSED', summary: { paused: { goesOn: false } } });
    expect(sweepLines(record, undefined, nowMs).join('\n')).toMatch(/paused {7}[\d,]+ of about 3,000 keys are read, its time is over/);
    expect((await begin(ports, 'second', SCHEDULE)).sweep.unfinished?.sweepIds).toEqual(['second']);
  });

  it('one that needs more invocations than one execution can record pauses as well', async () => {
    const begun = await begin(ports, 'first', SCHEDULE);
    expect(begun.sweep.maxInvocations).toBe(2_400);
    const short = { ...begun, sweep: { ...begun.sweep, maxInvocations: 2 } };
    await sweepToEnd(ports, short);
    expect(await ports.records.getSweep('first')).toMatchObject({ status: 'PAUSED' });
  });
});
