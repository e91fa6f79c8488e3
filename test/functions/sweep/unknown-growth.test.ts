/** Unknown keys that come between two full sweeps, on a real server: each full sweep counts them anew, and the next one reports what has come. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { summaryLines, sweepLines } from '../../../cli/sweep/sweep-lines.ts';
import { classify } from '../../../functions/incidents/classify/classify.ts';
import { createSweeps } from '../../../functions/incidents/collect/collect-records.ts';
import type { Facts } from '../../../functions/incidents/contract/evidence.ts';
import type { SweepRecord, SweepSummary } from '../../../functions/sweep/contract/record.ts';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { evidence, readingWith } from '../incidents/healthy-evidence.ts';
import { type RealStore, startStore } from './real-store.ts';
import { begin, portsOf, sweepToEnd } from './steps-of-sweep.ts';

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());

const UUID = '8f18702b-733e-43d0-8ff3-2da75fce7855';

it('a full sweep reports the shapes that have grown since the full sweep before, and no id', async () => {
  const { redis } = store;
  const reports: SweepReport[] = [];
  const ports = portsOf(store.connect, reports);
  const plant = async (from: number, to: number) => {
    const pipeline = redis.pipeline();
    for (let at = from; at < to; at += 1) pipeline.set(`Session:userId:${at}`, `user-${at}`);
    await pipeline.exec();
  };
  const sweep = async (name: string, input = {}) =>
    (await sweepToEnd(ports, await begin(ports, name, { full: true, ...input }))).summary as SweepSummary;

  await plant(0, 200);
  for (let at = 0; at < 60; at += 1) await redis.set(`cart:${UUID.slice(0, -2)}${10 + at}`, 'x');
  const first = await sweep('s-1');
  expect(first).toMatchObject({ unknown: 260 });
  expect(first.unknownGrowth).toBeUndefined();

  await plant(200, 700);
  const learnt = await sweep('s-2', { learn: true });
  const second = await sweep('s-3');
  for (const { unknownGrowth } of [learnt, second])
    expect(unknownGrowth?.shapes).toEqual([{ shape: 'Session:userId:*', type: 'string', keys: 700, grown: 500 }]);
  // Each full sweep resets the baseline: the third one has nothing to report.
  expect((await sweep('s-4')).unknownGrowth?.shapes).toEqual([]);

  expect(reports[2]?.shapes?.map(({ shape, keys }) => [shape, keys])).toEqual([
    ['Session:userId:*', 700],
    ['cart:{uuid}', 60],
  ]);
  expect(reports[2]?.summary.unknownGrowth).toEqual(second.unknownGrowth);
  expect(summaryLines(second, false).join('\n')).toMatch(/grown +\+500 Session:userId:\* \(string\), since the full sweep of \d{4}-/);
  const record = (await ports.records.getSweep('s-3')) as SweepRecord;
  const lines = sweepLines(record, reports[2], Date.now()).join('\n');
  expect(lines).toMatch(/Session:userId:\* +string +700 +\+500/);
  expect(lines).not.toContain('sweep.dialects');
  expect(sweepLines({ ...record, sweepId: 's-2' }, reports[1], Date.now()).join('\n')).toMatch(/Session:userId:\* +string +700 +\+500/);
  expect(record.unknownShapes?.shapes).toContainEqual({ shape: 'Session:userId:*', type: 'string', keys: 700 });
  expect(JSON.stringify([reports, record])).not.toMatch(/user-\d|8f18702b/);
});

it('a sweep with other settings has nothing to compare with, nor has one that only raises lives', async () => {
  const ports = portsOf(store.connect, []);
  await sweepToEnd(ports, await begin(ports, 's-1', { full: true }));
  await store.redis.set('new:1', 'x');
  const other = await sweepToEnd(ports, await begin(ports, 's-2', { full: true, dryRun: true, policy: 'report' }));
  expect(other.summary).not.toHaveProperty('unknownGrowth');
  const raised = await sweepToEnd(ports, await begin(ports, 's-3', { lives: 'raise', dryRun: true }));
  expect(raised.summary).not.toHaveProperty('unknownGrowth');
});

it.each([
  ['OptimalBits/bull 261: jobs that nobody removes', 'bull:*', (at: number) => ['hset', `bull:mail:${at}`, 'name', 'mail'] as const],
  [
    'metabrainz/musicbrainz-server 181: when sessions of Catalyst end',
    'MB:*:{id:40}',
    (at: number) => ['set', `MB:expires:${String(at).padStart(40, '0')}`, '1450000000'] as const,
  ],
  ['Automattic/kue 1019: jobs', 'q:job:*', (at: number) => ['hset', `q:job:${at}`, 'state', 'complete'] as const],
])('%s: the runbook names them as what fills the store', async (_, shape, keyOf) => {
  await store.redis.flushall();
  const ports = portsOf(store.connect, []);
  const plant = async (from: number, to: number) => {
    const pipeline = store.redis.pipeline();
    for (let at = from; at < to; at += 1) pipeline.call(...(keyOf(at) as unknown as [string, ...string[]]));
    await pipeline.exec();
  };
  await plant(0, 300);
  await sweepToEnd(ports, await begin(ports, 's-1', { full: true }));
  await plant(300, 1_300);
  await sweepToEnd(ports, await begin(ports, 's-2', { full: true }));
  const now = Date.now();
  const request = {
    incidentId: 'i',
    runbook: 'session-explosion',
    fleets: ['web'],
    fromMs: now - 3_600_000,
    toMs: now,
    firstSignMs: now,
  } as const;
  const sweeps = await createSweeps({ records: ports.records, now: () => now })({ ...request, hashKey: 'ab'.repeat(32) });
  const planted = evidence({ sweeps: (sweeps as { facts: Facts['sweeps'] }).facts, readings: readingWith({ keys: 1_300 }) });
  const finding = classify(planted, 'session-explosion');
  expect(finding).toMatchObject({ verdict: 'cause', cause: 'not-sessions' });
  expect(JSON.stringify(finding)).toContain(`+1000 ${shape}`);
});
