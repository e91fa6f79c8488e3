import { expect, it } from 'vitest';
import { shapeLines } from '../../../cli/sweep/shape-lines.ts';
import { summaryLines, sweepLines, sweepsTable } from '../../../cli/sweep/sweep-lines.ts';
import type { SweepRecord, SweepSummary } from '../../../functions/sweep/contract/record.ts';
import { newCheckpoint } from '../../../functions/sweep/progress.ts';
import { EMPTY_TALLY } from '../../../functions/sweep/report/count-tally.ts';
import { makeReport, type SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { contextOf } from '../../functions/sweep/run-sweep.ts';

it('prints sizes in units; the report has bytes', () => {
  const report = makeReport(contextOf({}), [], 1_000);
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', dryRun: false, requestedBy: 'ann' };
  const lines = sweepLines(record as SweepRecord, report, 1_000).join('\n');
  expect(lines).toMatch(/^ {2}≤ 64 KiB +0$/m);
  expect(lines).toMatch(/^ {2}> 16 MiB +0$/m);
  expect(Object.keys(report.sizes)).toContain('≤ 65536 B');
});

it('explains each reason for which keys were left', () => {
  const made = makeReport(contextOf({}), [], 1_000);
  const dialect = { policy: 'expire', sessions: 3, bytes: 0, structural: 0, withoutTtl: 3, bytesWithoutTtl: 0, repaired: 0, deleted: 0 };
  const report: SweepReport = {
    ...made,
    byDialect: { 'redisson-tomcat': { ...dialect, policy: 'expire', unrepaired: { unreadable: 3 }, ages: {} } },
  };
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', dryRun: false, requestedBy: 'ann' };
  const lines = sweepLines(record as SweepRecord, report, 1_000);
  expect(lines.join('\n')).toMatch(/redisson-tomcat .* 3 unreadable$/m);
  expect(lines.filter((line) => line.startsWith('  unreadable:'))).toEqual([expect.stringContaining('cannot read')]);
  expect(lines.join('\n')).not.toContain('delete-limit');
});

it('says of a sweep that read no key why, instead of tables without a number', () => {
  const summary: SweepSummary = {
    outcome: 'clean by counters',
    keys: 1_200,
    withoutTtl: 0,
    structural: 50,
    repaired: 0,
    deleted: 0,
    unknown: 0,
    leftOnPurpose: 62,
    seconds: 0.02,
    keysPerSecond: 0,
    storeP99Ms: 0,
  };
  const report: SweepReport = { ...makeReport(contextOf({}), [], 1_000), summary };
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', dryRun: true, requestedBy: 'ann', summary };
  const lines = sweepLines(record as SweepRecord, report, 1_000);
  expect(lines).toContain('outcome  SUCCEEDED, clean by counters');
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(/^clean by counters: of 1,200 keys, none has lost its TTL since the last full sweep .*--full reads every key$/),
    'on purpose   62 without TTL, 50 of them by design',
  ]);
});

it('says why a sweep read every key', () => {
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', requestedBy: 'ann', because: 'weekly' };
  expect(sweepLines(record as SweepRecord, undefined, 1_000)).toContain('read     every key: the last full sweep is a week old');
});

it('says what cannot be had from a store without scripts', () => {
  const made = makeReport(contextOf({}), [], 1_000);
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', dryRun: false, requestedBy: 'ann' };
  const linesBy = (method: string) => {
    const shards = [{ method, restarts: 0, keys: 1, seconds: 1 }] as unknown as SweepReport['shards'];
    return sweepLines(record as SweepRecord, { ...made, shards }, 1_000).join('\n');
  };
  expect(linesBy('pipeline')).toContain('no session was deleted');
  expect(linesBy('script')).not.toContain('no session was deleted');
});

it('shows each unit by a readable name, and where it was read', () => {
  const replica = { name: 'a:1', host: 'a', port: 1, runId: 'a', failures: 0 };
  const checkpoints = [newCheckpoint('s1'), { ...newCheckpoint('s1'), readNode: replica, restarts: 1 }];
  const report = makeReport(contextOf({}), checkpoints, 1_000, ['0001', '0001/db3']);
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', dryRun: false, requestedBy: 'ann' };
  const lines = sweepLines(record as SweepRecord, report, 1_000).join('\n');
  expect(lines).toMatch(/^ {2}shard 0001 +from the primary +0 keys/m);
  expect(lines).toMatch(/^ {2}shard 0001, database 3 +from a replica +0 keys .* 1 restart$/m);
});

it.each([
  [true, 'index sets   4,321 members without a session would be removed, 17 not judged: no live session with such an id was met'],
  [false, 'index sets   4,321 members without a session removed, 17 not judged: no live session with such an id was met'],
])('prints what it removed from index sets, in a dry run (%s) what it would', (dryRun, line) => {
  const checkpoint = { ...newCheckpoint('s1'), tally: { ...EMPTY_TALLY, reconciled: 4_321, notJudged: 17 } };
  const { summary } = makeReport(contextOf({ settings: { reconcile: true } }), [checkpoint], 1_000);
  expect(summary.reconciled).toBe(4_321);
  expect(summaryLines(summary, dryRun)).toContain(line);
});

it('prints that it removed nothing, and nothing of index sets where it searched none', () => {
  const summaryOf = (reconcile: boolean) => makeReport(contextOf({ settings: { reconcile } }), [newCheckpoint('s1')], 1_000).summary;
  expect(summaryLines(summaryOf(true), false)).toContain(
    'index sets   0 members without a session removed, 0 not judged: no live session with such an id was met',
  );
  expect(summaryLines(summaryOf(false), false).join()).not.toContain('index sets');
});

it('prints for sessions of a known framework the prefix to set once, and no use where the store knows none', () => {
  const made = makeReport(contextOf({ learn: true, dryRun: true }), [], 1_000);
  const one = { type: 'string', keys: 4_000, recent: 0, resembles: 'connect-redis' };
  const lines = shapeLines({
    ...made,
    shapes: [{ ...one, shape: 'sess:web:{id:31}' }],
    shapesWithTtl: [{ ...one, shape: 'sess:web:{id:32}' }],
  }).join('\n');
  expect(lines.match(/"keyPrefix":"sess:web:"/g)).toHaveLength(1);
  expect(lines).toContain('store.sessions');
  expect(lines).not.toContain('sweep.dialects');
  expect(lines).toMatch(/\{id:31\} +string +4,000 +sessions of connect-redis/);
  expect(lines).toContain('unknown keys with a TTL, by shape');
});

const tallyOf = (sessionsWithoutTtl: number, sampled: number) => ({
  ...EMPTY_TALLY,
  keys: 5_000,
  byDialect: {
    'connect-redis': {
      ...{
        sampled,
        sampledBytes: 0,
        structural: 0,
        sessionsWithoutTtl,
        companionsWithoutTtl: 0,
        bytesWithoutTtl: 0,
        repaired: 0,
        deleted: 0,
      },
      ...{ unrepaired: { 'report-only': sessionsWithoutTtl }, ages: [], policy: 'report' as const },
    },
  },
});

it.each([
  ['nearly all lack one', 1_156, 0, {}, 'for that set sweep.policies.connect-redis to "expire", and deploy: nearly all'],
  ['most have one', 1_156, 3_000, {}, 'for that set sweep.policy to "expire", and deploy'],
  ['the configuration answers for the dialect', 1_156, 0, { 'connect-redis': 'report' as const }, undefined],
])('a report says what "expire" would do where %s', (_title, without, sampled, policies, line) => {
  const checkpoint = { ...newCheckpoint('s1'), tally: tallyOf(without, sampled) };
  const { summary } = makeReport(contextOf({ settings: { policy: 'report', policies } }), [checkpoint], 1_000);
  const lines = summaryLines(summary, true).join('\n');
  if (line === undefined) expect(lines).not.toContain('for that set');
  else expect(lines).toContain(line);
});

it.each([
  ['no key is a session below the prefixes of store.sessions', 8_416, true, true],
  ['the store is empty', 0, true, false],
  ['the catalogue decides', 8_416, false, false],
])('asks for the prefix where %s', (_title, keys, onlyKeyPrefixes, asks) => {
  const checkpoint = { ...newCheckpoint('s1'), tally: { ...EMPTY_TALLY, keys, unknownSampled: keys } };
  const settings = { keyPrefixes: [{ prefix: 'shop:' }], onlyKeyPrefixes };
  const { summary } = makeReport(contextOf({ settings }), [checkpoint], 1_000);
  expect(summaryLines(summary, true).join('\n').includes('no key is a session below "shop:"')).toBe(asks);
});

it('lists what a dry run would have repaired as no repair', () => {
  const summary = { keys: 600, withoutTtl: 521, repaired: 521, deleted: 0 } as SweepSummary;
  const record = { sweepId: 's1', startedAtMs: 0, finishedAtMs: 1_000, status: 'SUCCEEDED', requestedBy: 'ann', summary };
  const rowOf = (dryRun: boolean) => sweepsTable([{ ...record, dryRun } as SweepRecord], 1_000).split('\n')[1];
  expect(rowOf(true)).toMatch(/521 +would be 521 +0 /);
  expect(rowOf(false)).not.toContain('would');
});
