/** Sweeps of a real server of each engine that end by its counters, and those that do not. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DialectShares } from '../../../../functions/records/dialect-shares.ts';
import { decideByCounters } from '../../../../functions/sweep/begin/end-clean.ts';
import type { SweepSummary } from '../../../../functions/sweep/contract/record.ts';
import type { Begun, SweepInput } from '../../../../functions/sweep/contract/steps.ts';
import type { SweepReport } from '../../../../functions/sweep/report/make-report.ts';
import { createSweep, type SweepPorts } from '../../../../functions/sweep/sweep.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { COOKIE } from '../planted.ts';
import { type RealStore, startStoreOn } from '../real-store.ts';
import { beginOf, portsOf, sweepToEnd } from '../steps-of-sweep.ts';

const DAY = 86_400_000;
const INDEX = (user: number) =>
  `spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:u${user}`;

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  let reports: SweepReport[];
  let shares: DialectShares[];
  let connections: number;
  let nowMs: number;
  let ports: SweepPorts;
  beforeAll(async () => {
    store = await startStoreOn(engine);
  });
  afterAll(() => store?.stop());
  beforeEach(async () => {
    await store.redis.flushall();
    [reports, shares, connections, nowMs] = [[], [], 0, Date.now()];
    const connect = () => {
      connections += 1;
      return store.connect();
    };
    const made = portsOf(connect, reports, { now: () => nowMs });
    ports = {
      ...made,
      saveShares: (given) => {
        shares.push(given);
        return made.saveShares(given);
      },
    };
  });

  let runs = 0;
  const ask = async (input: SweepInput) => {
    runs += 1;
    return createSweep(ports)(beginOf(`s${runs}`, input, nowMs));
  };
  /** A sweep as the state machine runs it. @returns `clean`, or why it read every key */
  async function sweep(input: SweepInput = { requestedBy: 'ann' }): Promise<string> {
    const begun = (await ask(input)) as Begun | { verdict: 'SKIP'; outcome: string };
    if (begun.verdict === 'SKIP') return begun.outcome;
    await sweepToEnd(ports, begun);
    return (await ports.records.getSweep(begun.sweep.sweepId))?.because ?? 'unknown';
  }
  const last = async () => ports.records.getSweep(`s${runs}`);
  const plantStructural = async (from: number, to: number) => {
    for (let user = from; user < to; user += 1) await store.redis.sadd(INDEX(user), 'member');
  };

  it('nothing to do is known from the counters, after the first full sweep', async () => {
    await store.redis.set('sess:a', COOKIE);
    await store.redis.set('other', 'x');
    await plantStructural(0, 5);
    expect(await sweep()).toBe('first');
    expect(await sweep()).toBe('clean by counters');
    expect(await last()).toMatchObject({
      status: 'SUCCEEDED',
      requestedBy: 'ann',
      summary: { outcome: 'clean by counters', keys: 7, structural: 5, leftOnPurpose: 6, withoutTtl: 0, repaired: 0 },
    });
    expect(reports.at(-1)?.summary.outcome).toBe('clean by counters');
    expect((await last())?.reportKey).toContain(`s${runs}`);
  });

  it('one key without a TTL more starts a sweep, which repairs it', async () => {
    await plantStructural(0, 5);
    await sweep();
    await store.redis.set('sess:a', COOKIE);
    expect(await sweep()).toBe('grown');
    expect(await store.redis.ttl('sess:a')).toBeGreaterThan(0);
    expect(await sweep()).toBe('clean by counters');
  });

  it('structural keys that have come since join the baseline by one sweep', async () => {
    await plantStructural(0, 5);
    await sweep();
    await plantStructural(5, 9);
    expect([await sweep(), await sweep()]).toEqual(['grown', 'clean by counters']);
    expect((await ports.baseline.get())?.byDatabase[0]).toEqual({ left: 9, structural: 9, unrepaired: 0 });
  });

  it('a dry run agrees with a sweep: it is skipped as well, and gives no baseline', async () => {
    expect([await sweep({ requestedBy: 'ann', dryRun: true }), await sweep({ requestedBy: 'ann' })]).toEqual(['first', 'first']);
    expect(await sweep({ requestedBy: 'ann', dryRun: true })).toBe('clean by counters');
  });

  it('neither a failed sweep nor one with a policy of its own gives a baseline', async () => {
    const begun = (await ask({})) as Begun;
    await createSweep(ports)({ step: 'fail', ...begun, error: { Error: 'X', Cause: 'y' } });
    expect(await sweep({ policy: 'report' })).toBe('first');
    expect(await sweep()).toBe('first');
  });

  it('takes at most 50 ms from connecting to the verdict, whatever the number of keys', async () => {
    const script = "for i = 1, 100000 do redis.call('SET', 'sess:' .. ARGV[1] .. i, '{\"cookie\":{\"expires\":null}}', 'EX', 1800) end";
    await store.redis.eval(script, 0, '');
    await ports.baseline.put({ sweepId: 's', startedAtMs: nowMs, takenAtMs: nowMs, settingsKey: 'k', primaries: 1, byDatabase: {} });
    const question = {
      databases: [0],
      full: false,
      reconcile: false,
      baseline: await ports.baseline.get(),
      settingsKey: 'k',
      everyHours: 24,
      nowMs,
    };
    const times: number[] = [];
    // The fastest counts: other tests share this machine's cores.
    for (let round = 0; round < 40 && Math.min(...times) >= 50; round += 1) {
      const startedMs = performance.now();
      expect((await decideByCounters(ports.connect, question, ports.pause)).because).toBeUndefined();
      times.push(performance.now() - startedMs);
    }
    expect(Math.min(...times)).toBeLessThan(50);
  });

  describe('a scheduled sweep with nothing to do', () => {
    const scheduled: SweepInput = { requestedBy: 'schedule' };
    const script = "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'sess:' .. i, '{\"cookie\":{\"expires\":null}}', 'EX', 1800) end";

    it('reads at most 100 pages, and refreshes shares and sizes to the whole store', async () => {
      await store.redis.eval(script, 0, 40_000);
      await sweep({ full: true });
      const full = shares.at(-1);
      nowMs += DAY;
      const before = Number(/cmdstat_scan:calls=(\d+)/.exec(await store.redis.info('commandstats'))?.[1] ?? 0);
      expect(await sweep(scheduled)).toBe('clean by counters');
      const after = Number(/cmdstat_scan:calls=(\d+)/.exec(await store.redis.info('commandstats'))?.[1] ?? 0);
      expect(after - before).toBeLessThanOrEqual(100);
      const { sessions = 0, bytesSampled = 0 } = shares.at(-1)?.byDialect['connect-redis'] ?? {};
      expect(Math.abs(sessions - 40_000)).toBeLessThan(40_000 * 0.05);
      expect(bytesSampled / sessions).toBeCloseTo((full?.byDialect['connect-redis']?.bytesSampled ?? 0) / 40_000, -1);
      expect(shares.at(-1)).toMatchObject({ takenAtMs: nowMs, largestTakenAtMs: full?.takenAtMs, largest: full?.largest });
    });

    it('sweeps after all when its sample contains a key that a sweep repairs', async () => {
      await plantStructural(0, 5);
      await sweep();
      await store.redis.del(INDEX(0));
      await store.redis.set('sess:hidden', COOKIE);
      expect(await sweep({ requestedBy: 'ann' })).toBe('clean by counters');
      connections = 0;
      expect(await ask(scheduled)).toMatchObject({ verdict: 'DONE' });
      // The counters, the shards of one sample and its pages, and the shards of the sweep.
      expect(connections).toBe(4);
      nowMs += 2 * 3_600_000;
      expect(await sweep(scheduled)).toBe('sampled');
      expect(await store.redis.ttl('sess:hidden')).toBeGreaterThan(0);
    });
  });

  describe('a check', () => {
    const check: SweepInput = { requestedBy: 'check', check: true };
    const plant = async (count: number) => {
      for (let at = 0; at < count; at += 1) await store.redis.set(`sess:${at}`, COOKIE);
    };

    it('starts a sweep for as many keys as fire the alarm, and leaves no record otherwise', async () => {
      await sweep();
      nowMs += 2 * 3_600_000;
      await plant(99);
      expect(await ask(check)).toEqual({ verdict: 'SKIP' });
      expect(await last()).toBeUndefined();
      await plant(100);
      expect(await sweep(check)).toBe('grown');
      nowMs += 60_000;
      expect(await ask(check)).toEqual({ verdict: 'SKIP' });
    });

    it('starts a sweep for a pile-up while the alarm is still on, after the cool-down', async () => {
      await plant(150);
      expect(await sweep({ requestedBy: 'alarm', alarmAt: new Date(nowMs).toISOString() })).toBe('first');
      await store.redis.flushall();
      await plant(150);
      nowMs += 60_000;
      expect(await ask(check)).toMatchObject({ verdict: 'WAIT', waitSeconds: 3_540 });
      nowMs += 3_540_000;
      expect(await sweep(check)).toBe('grown');
      expect(await store.redis.ttl('sess:1')).toBeGreaterThan(0);
    });
  });

  it('a sweep that reads no key is the last sweep nevertheless, for the alarm on its age', async () => {
    await sweep();
    nowMs += 2 * DAY;
    expect(await sweep({ requestedBy: 'ann', dryRun: true })).toBe('clean by counters');
    expect(shares.at(-1)?.sweptAtMs).toBeUndefined();
    expect(await sweep({ requestedBy: 'ann' })).toBe('clean by counters');
    expect(shares.at(-1)).toMatchObject({ takenAtMs: nowMs - 2 * DAY, sweptAtMs: nowMs });
  });

  it('an alarm whose keys have gone ends by the counters, without a cool-down for the next', async () => {
    await sweep();
    nowMs += 2 * 3_600_000;
    const alarm = { requestedBy: 'alarm', alarmAt: new Date(nowMs).toISOString() };
    expect(await sweep(alarm)).toBe('clean by counters');
    await store.redis.set('sess:a', COOKIE);
    nowMs += 1_000;
    expect(await sweep({ ...alarm, alarmAt: new Date(nowMs).toISOString() })).toBe('grown');
    expect((await last())?.summary as SweepSummary).toMatchObject({ repaired: 1 });
    expect(connections).toBeGreaterThan(0);
  });
});
