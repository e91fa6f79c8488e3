/** Stores in which an application has turned the TTL of its sessions off, on a real server. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TtlBaseline } from '../../../../functions/records/ttl-baseline.ts';
import type { SweepSummary } from '../../../../functions/sweep/contract/record.ts';
import { DEFAULT_SWEEP_SETTINGS, type SweepSettings } from '../../../../functions/sweep/contract/settings.ts';
import type { Begun, EndedClean, SweepInput } from '../../../../functions/sweep/contract/steps.ts';
import type { SweepReport } from '../../../../functions/sweep/report/make-report.ts';
import { createSweep, type SweepPorts } from '../../../../functions/sweep/sweep.ts';
import { COOKIE } from '../planted.ts';
import { type RealStore, startStore } from '../real-store.ts';
import { beginOf, portsOf, sweepToEnd } from '../steps-of-sweep.ts';

const HOUR = 3_600_000;
const SETTINGS: SweepSettings = { ...DEFAULT_SWEEP_SETTINGS, pace: 'fast', jitterSeconds: 0 };
const QUESTION = { dialect: 'connect-redis', sessions: 300, withoutTtl: 300, setting: 'sweep.policies.connect-redis' };

let store: RealStore;
let ports: SweepPorts;
let reports: SweepReport[];
let nowMs: number;
let runs = 0;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());
beforeEach(async () => {
  await store.redis.flushall();
  [reports, nowMs] = [[], Date.now()];
  ports = portsOf(() => store.connect(), reports, { now: () => nowMs, settings: SETTINGS });
});

async function sweep(input: SweepInput = {}): Promise<SweepSummary | undefined> {
  runs += 1;
  const begun = (await createSweep(ports)(beginOf(`s${runs}`, input, nowMs))) as Begun | EndedClean;
  if (begun.verdict === 'SKIP') return 'outcome' in begun ? (await ports.records.getSweep(`s${runs}`))?.summary : undefined;
  return (await sweepToEnd(ports, begun)).summary as SweepSummary;
}
const plant = async (name: string, count: number, ttlSeconds?: number) => {
  const pipeline = store.redis.pipeline();
  for (let at = 0; at < count; at += 1)
    ttlSeconds ? pipeline.set(`sess:${name}${at}`, COOKIE, 'EX', ttlSeconds) : pipeline.set(`sess:${name}${at}`, COOKIE);
  await pipeline.exec();
};
const withTtl = async () => Number(/expires=(\d+)/.exec(await store.redis.info('keyspace'))?.[1]);
const alarm = (): SweepInput => ({ requestedBy: 'alarm x', alarmAt: new Date(nowMs).toISOString() });

describe('a store whose sessions all have no TTL', () => {
  beforeEach(() => plant('a', 300));

  it('is reported with the setting that answers, and not repaired: neither by a schedule nor by a dry run', async () => {
    for (const input of [{ dryRun: true }, { requestedBy: 'schedule' }])
      expect(await sweep(input)).toMatchObject({ withoutTtl: 300, repaired: 0, leftOnPurpose: 300, unconfirmed: [QUESTION] });
    expect(reports.at(-1)?.byDialect['connect-redis']?.unrepaired).toEqual({ unconfirmed: 300 });
    expect(await withTtl()).toBe(0);
  });

  it('is not repaired by an alarm or a check, nor by an incident, on the first day or later', async () => {
    await sweep();
    for (const hours of [2, 30]) {
      nowMs += hours * HOUR;
      await plant(`later${hours}`, 200);
      expect((await sweep(alarm()))?.repaired).toBe(0);
      nowMs += 2 * HOUR;
      await plant(`checked${hours}`, 200);
      expect((await sweep({ check: true, requestedBy: 'check' }))?.repaired).toBe(0);
      expect((await sweep({ full: true, requestedBy: 'incident i' }))?.repaired).toBe(0);
    }
    expect(await withTtl()).toBe(0);
  });

  it('is clean by counters afterwards, with the question still open', async () => {
    await sweep();
    nowMs += HOUR;
    expect(await sweep({ requestedBy: 'schedule' })).toMatchObject({ outcome: 'clean by counters', unconfirmed: [QUESTION] });
  });

  it('is repaired once the setting says so, also by an alarm on the first day', async () => {
    await sweep();
    nowMs += 2 * HOUR;
    ports = { ...ports, settings: { ...SETTINGS, policies: { 'connect-redis': 'expire' } } };
    const summary = await sweep(alarm());
    expect(summary).toMatchObject({ repaired: 300 });
    expect(summary).not.toHaveProperty('unconfirmed');
    expect(await withTtl()).toBe(300);
  });

  it('is repaired once by a policy for it on the command line, and by none for all dialects', async () => {
    expect(await sweep({ policy: 'expire' })).toMatchObject({ repaired: 0, unconfirmed: [QUESTION] });
    expect((await sweep({ policy: { 'connect-redis': 'expire' } }))?.repaired).toBe(300);
  });
});

it('the first full sweep stays the first one on record', async () => {
  await plant('live', 100, 999_999);
  await sweep();
  const first = (await ports.baseline.get()) as TtlBaseline;
  nowMs += 5 * HOUR;
  await sweep({ full: true });
  expect(await ports.baseline.get()).toMatchObject({
    firstAtMs: first.startedAtMs,
    startedAtMs: nowMs,
    byDialect: { 'connect-redis': { sessions: 100, withoutTtl: 0 } },
  });
});
