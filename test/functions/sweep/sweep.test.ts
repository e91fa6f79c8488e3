/** The steps of a sweep as its state machine asks for them, on a real server. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DialectShares } from '../../../functions/records/dialect-shares.ts';
import type { Log, LogFields } from '../../../functions/shared/log-events.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../functions/sweep/contract/settings.ts';
import type { Begun } from '../../../functions/sweep/contract/steps.ts';
import { readSweepSettings } from '../../../functions/sweep/read-sweep-input.ts';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { createSweep, type SweepPorts } from '../../../functions/sweep/sweep.ts';
import { memoryBaseline } from '../fakes/memory-baseline.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { COOKIE, sessionOf } from './planted.ts';
import { type RealStore, startStore } from './real-store.ts';
import { primariesSince } from './run-sweep.ts';
import { beginOf } from './steps-of-sweep.ts';

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());

let reports: Map<string, SweepReport>;
let shares: DialectShares[];
let numbers: object[];
let lines: string[];
let ports: SweepPorts;
beforeEach(async () => {
  await store.redis.flushall();
  reports = new Map();
  shares = [];
  numbers = [];
  lines = [];
  const write = (event: string, fields: LogFields = {}) => void lines.push(JSON.stringify({ event, ...fields }));
  const log: Log = { info: write, warn: write };
  ports = {
    connect: store.connect,
    storeName: 'store:6379',
    records: memorySweepRecords(),
    storeNodes: () => primariesSince([store.redis], 0),
    saveReport: async (key, report) => void reports.set(key, report),
    ...memoryBaseline(),
    saveShares: async (given) => void shares.push(given),
    metrics: { swept: (given) => void numbers.push(given) },
    log,
    settings: { ...DEFAULT_SWEEP_SETTINGS, pace: 'fast', sampleEvery: 1 },
    now: () => Date.now(),
    pause: async () => undefined,
    budgetMs: 20_000,
  };
});

const begin = (input: object) => createSweep(ports)(beginOf('s1', input)) as Promise<Begun>;
const sweepAll = async (begun: Begun) => {
  const ask = createSweep(ports);
  for (const shard of begun.shards)
    while (((await ask({ step: 'sweepShard', ...begun, shard })) as { verdict: string }).verdict !== 'DONE');
  return ask({ step: 'report', ...begun });
};

async function plant(): Promise<void> {
  const pipeline = store.redis.pipeline();
  for (let at = 0; at < 300; at += 1) pipeline.set(`sess:${at}`, sessionOf(2_000), 'EX', 1_000);
  for (let at = 0; at < 5; at += 1) pipeline.set(`sess:permanent-${at}`, COOKIE);
  pipeline.sadd('spring:session:sessions:index:PRINCIPAL_NAME_INDEX_NAME:ann', 'x').set('cache:1', 'x');
  await pipeline.exec();
}

describe('a sweep', () => {
  it('ends with a summary, a report, the shares of dialects and three numbers; and lets the shard go', async () => {
    await plant();
    const summary = await sweepAll(await begin({ requestedBy: 'ann' }));
    expect(summary).toMatchObject({ keys: 307, withoutTtl: 5, structural: 1, repaired: 5, deleted: 0, unknown: 1 });
    const [[key, report] = []] = reports;
    expect(key).toBe('_store/sweeps/s1.json');
    expect(report).toMatchObject({
      sweepId: 's1',
      requestedBy: 'ann',
      byDialect: {
        'connect-redis': { sessions: 305, withoutTtl: 5, repaired: 5, policy: 'expire', ages: { '≤ 3600 s': 5, unknown: 0 } },
      },
      sampledOneIn: 1,
      sizes: { '≤ 4096 B': 300 },
    });
    expect(report?.large).toHaveLength(20);
    expect(report?.largeSampledOneIn).toBe(1);
    expect(shares[0]).toMatchObject({ largestSampledOneIn: 1, largest: Array(10).fill({ dialect: 'connect-redis' }) });
    expect(shares[0]?.largest[0]).toEqual({ hashedId: report?.large[0]?.id, dialect: 'connect-redis', bytes: report?.large[0]?.bytes });
    expect(shares).toMatchObject([
      { byDialect: { 'connect-redis': { sessions: 305, structural: 0, withoutTtl: 0 }, 'spring-session': { structural: 1 } } },
    ]);
    expect((shares[0]?.byDialect['connect-redis']?.bytesSampled ?? 0) / 305).toBeGreaterThan(2_000);
    expect(numbers).toEqual([{ unrepaired: 0, repaired: 5, storeP99Ms: expect.any(Number) }]);
    expect((summary as { storeP99Ms: number }).storeP99Ms).toBeGreaterThan(0);
    expect(await ports.records.getSweep('s1')).toMatchObject({ status: 'SUCCEEDED', summary, reportKey: key });
    expect(await ports.records.takeShard('0001', 'next', 0, 1)).toMatchObject({ taken: true });
    expect(lines.join()).not.toContain('permanent');
  });

  it('that is fast reports that its largest sessions are from a sample, unless it could count all', async () => {
    await plant();
    await sweepAll((await createSweep(ports)(beginOf('s1-few', {}))) as Begun);
    expect(reports.get('_store/sweeps/s1-few.json')).toMatchObject({ largeSampledOneIn: 1, sampledOneIn: 1 });
    const pipeline = store.redis.pipeline();
    for (let at = 0; at < 45_000; at += 1) pipeline.set(`cache:${at}`, 'x', 'EX', 1_000);
    await pipeline.exec();
    // Of 45,000 keys one in four is sampled.
    ports = { ...ports, settings: { ...ports.settings, sampleEvery: 10 } };
    await sweepAll(await begin({ full: true }));
    expect(reports.get('_store/sweeps/s1.json')).toMatchObject({ largeSampledOneIn: 4, sampledOneIn: 4 });
    await sweepAll((await createSweep(ports)(beginOf('s1-gentle', { pace: 'gentle', full: true }))) as Begun);
    expect(reports.get('_store/sweeps/s1-gentle.json')).toMatchObject({ largeSampledOneIn: 1, sampledOneIn: 4 });
  });

  it('as a dry run reports what it would do, and counts nothing as unrepaired', async () => {
    await plant();
    expect(await sweepAll(await begin({ dryRun: true }))).toMatchObject({ repaired: 5 });
    expect(numbers).toEqual([{ storeP99Ms: expect.any(Number) }]);
    expect(shares[0]?.byDialect['connect-redis']?.withoutTtl).toBe(5);
  });

  it('each step may be asked for once more', async () => {
    await plant();
    const begun = await begin({});
    const summary = await sweepAll(begun);
    expect(await createSweep(ports)({ step: 'sweepShard', ...begun, shard: '0001' })).toMatchObject({
      verdict: 'DONE',
      keys: 307,
    });
    expect(await createSweep(ports)({ step: 'report', ...begun })).toEqual(summary);
  });

  it('that fails is on record with its reason, and lets the shard go', async () => {
    const begun = await begin({});
    await ports.records.takeShard('0001', 's1', 0, Number.MAX_SAFE_INTEGER);
    const Cause = JSON.stringify({ errorType: 'StoreUnreachable', errorMessage: 'no answer', trace: [] });
    await createSweep(ports)({ step: 'fail', ...begun, error: { Error: 'StoreUnreachable', Cause } });
    expect(await ports.records.getSweep('s1')).toMatchObject({
      status: 'FAILED',
      error: { Error: 'StoreUnreachable', Cause: 'no answer' },
    });
    expect(await ports.records.takeShard('0001', 'next', 0, 1)).toMatchObject({ taken: true });
  });

  it.each([
    [{ policy: 'destroy' }, 'policy'],
    [{ policies: {} }, 'policies'],
    [{ sampleEvery: 0 }, 'sampleEvery'],
  ])('refuses the input %j', async (input, named) => {
    await expect(begin(input)).rejects.toMatchObject({ name: 'InvalidSweep', message: expect.stringContaining(named) });
    expect(await ports.records.latestSweeps(9)).toEqual([]);
  });

  it('takes a policy for all, or by dialect in addition to those of the settings', async () => {
    ports = { ...ports, settings: { ...ports.settings, policies: { laravel: 'report' } } };
    expect((await begin({ policy: 'report' })).sweep.settings).toMatchObject({ policy: 'report', policies: {} });
    expect((await begin({ policy: { rack: 'delete' } })).sweep.settings).toMatchObject({
      policy: 'expire',
      policies: { laravel: 'report', rack: 'delete' },
    });
  });
});

describe('a sweep that an alarm starts', () => {
  const MINUTE = 60_000;
  let nowMs: number;
  const ask = (name: string, input: object) => createSweep(ports)(beginOf(name, input, nowMs));
  const alarmAt = () => new Date(nowMs - 1_000).toISOString().replace(/[.]\d+/, '');
  beforeEach(() => {
    nowMs = Date.parse('2026-11-20T09:00:00Z');
    ports = { ...ports, now: () => nowMs };
  });

  it('starts, and records the alarm', async () => {
    expect(await ask('one', { requestedBy: 'alarm keys', alarmAt: alarmAt() })).toMatchObject({ verdict: 'DONE' });
    expect(await ports.records.getSweep('one')).toMatchObject({ requestedBy: 'alarm keys', status: 'RUNNING' });
  });

  it('waits until the previous sweep, of any origin, has cooled down and ended; and leaves no record meanwhile', async () => {
    await ask('nightly', { requestedBy: 'schedule' });
    nowMs += 10 * MINUTE;
    const input = { requestedBy: 'alarm keys', alarmAt: alarmAt() };
    expect(await ask('one', input)).toEqual({ verdict: 'WAIT', waitSeconds: 3_000 });
    expect(await ports.records.getSweep('one')).toBeUndefined();
    nowMs += 50 * MINUTE;
    expect(await ask('one', input)).toEqual({ verdict: 'WAIT', waitSeconds: 60 });
    await ports.records.endSweep('nightly', { status: 'SUCCEEDED' });
    expect(await ask('one', input)).toMatchObject({ verdict: 'DONE' });
    // Its event was delivered twice; and the alarm flapped before it began.
    expect(await ask('two', input)).toEqual({ verdict: 'SKIP', sweepId: 'one' });
    expect(lines.join()).toContain('sweep.notStarted');
  });

  it('runs after a dry run, and after a sweep with another policy', async () => {
    await ask('dry', { dryRun: true });
    await ask('mild', { policy: 'report' });
    expect(await ask('one', { alarmAt: alarmAt() })).toMatchObject({ verdict: 'DONE' });
  });

  it('runs after a failed one has cooled down', async () => {
    const input = { alarmAt: alarmAt() };
    const begun = (await ask('one', input)) as Begun;
    await createSweep(ports)({ step: 'fail', ...begun, error: { Error: 'StoreUnreachable', Cause: 'no answer' } });
    expect(await ask('two', input)).toEqual({ verdict: 'WAIT', waitSeconds: 3_600 });
    nowMs += 60 * MINUTE;
    expect(await ask('two', input)).toMatchObject({ verdict: 'DONE' });
  });

  it('of two at once is one', async () => {
    const both = await Promise.all(['one', 'two'].map((name) => ask(name, { alarmAt: alarmAt() })));
    expect(both.map((reply) => (reply as Begun).verdict).toSorted()).toEqual(['DONE', 'SKIP']);
  });
});

describe('the settings', () => {
  it('have a default for everything', () => expect(readSweepSettings('{}')).toEqual(DEFAULT_SWEEP_SETTINGS));
  it.each(['no JSON', '{"policy":"drop"}', '{"minTtlSeconds":1}', '{"dialects":[{"name":"x"}]}', '{"unknown":1}'])('refuse %s', (text) => {
    expect(() => readSweepSettings(text)).toThrow(expect.objectContaining({ name: 'InvalidSweep' }));
  });
});
