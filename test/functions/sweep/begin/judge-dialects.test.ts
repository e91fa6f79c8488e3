import { describe, expect, it } from 'vitest';
import type { DialectCount, TtlBaseline } from '../../../../functions/records/ttl-baseline.ts';
import { type DialectsQuestion, judgeDialects } from '../../../../functions/sweep/begin/judge-dialects.ts';
import type { DialectTally, Tally } from '../../../../functions/sweep/contract/tally.ts';
import { EMPTY_TALLY } from '../../../../functions/sweep/report/count-tally.ts';
import { countOf } from '../../../../functions/sweep/report/merge-tallies.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 5, 1);

const tally = (withTtl: number, without: number, change: Partial<DialectTally> = {}): DialectTally => ({
  sampled: withTtl,
  sampledBytes: 0,
  structural: 0,
  sessionsWithoutTtl: without,
  companionsWithoutTtl: 0,
  bytesWithoutTtl: 0,
  repaired: without,
  deleted: 0,
  unrepaired: {},
  ages: [],
  policy: 'expire',
  ...change,
});
type Sample = NonNullable<DialectsQuestion['samples']>[number];
/** @param read of so many keys in the store; absent: all of them */
const sample = (byDialect: Tally['byDialect'], read?: { readonly read: number; readonly of: number }): Sample => ({
  tally: { ...EMPTY_TALLY, keys: read?.read ?? 0, byDialect },
  keys: read?.of ?? 0,
  isComplete: read === undefined,
  isMixed: true,
});
const baseline = (firstAtMs: number, byDialect?: Readonly<Record<string, DialectCount>>): TtlBaseline => ({
  ...{ sweepId: 's', startedAtMs: firstAtMs, takenAtMs: firstAtMs, settingsKey: 'k', primaries: 1, byDatabase: {}, firstAtMs },
  ...(byDialect && { byDialect }),
});
const judge = (samples: DialectsQuestion['samples'], change: Partial<DialectsQuestion> = {}) =>
  judgeDialects({ samples, policies: {}, installation: {}, dialects: [], baseline: undefined, nowMs: NOW, ...change });

describe('a dialect is asked for', () => {
  it.each([
    ['where none of its sessions has a TTL', 0, 500, ['connect-redis']],
    ['where nine in ten have none', 50, 450, ['connect-redis']],
    ['not where 89 % have none', 55, 445, []],
    ['not where a minority has none: something has forgotten it', 400, 100, []],
    ['not where fewer than 100 have none', 0, 99, []],
  ])('%s', (_, withTtl, without, asked) => {
    expect(judge([sample({ 'connect-redis': tally(withTtl, without) })])).toEqual({ asked });
  });

  it('from its first session on, where a framework has none for ever by a setting or by default', () => {
    expect(judge([sample({ 'sa-token': tally(0, 1), beaker: tally(0, 60), django: tally(0, 60) })])).toEqual({
      asked: ['sa-token', 'beaker'],
    });
    expect(judge([sample({ 'sa-token': tally(40, 20) })])).toEqual({ asked: [] });
  });

  it('not where a setting names it, or where it is a dialect of the configuration', () => {
    const samples = [sample({ 'connect-redis': tally(0, 500), carts: tally(0, 500), django: tally(0, 500) })];
    const dialects = [{ name: 'carts', pattern: 'c:{uuid}', type: 'string', structural: false, idleSeconds: 60 }] as const;
    expect(judge(samples, { policies: { 'connect-redis': 'expire' }, dialects })).toEqual({ asked: ['django'] });
  });

  it('by its sessions of users alone: not by what is left of others, nor by those that are meant to last', () => {
    expect(countOf(tally(10, 1_000, { remainsWithoutTtl: { ghost: 900 }, unrepaired: { permanent: 95, unverified: 7 } }))).toEqual({
      sessions: 15,
      withoutTtl: 5,
    });
  });

  it('over all units of the store', () => {
    const unit = sample({ 'connect-redis': tally(1, 60) });
    expect(judge([unit, unit])).toEqual({ asked: ['connect-redis'] });
  });
});

describe('a dialect whose sessions had TTLs at the last full sweep', () => {
  const leak = [sample({ 'connect-redis': tally(200, 9_000) })];
  const healthy = { 'connect-redis': { sessions: 200, withoutTtl: 0 } };

  it('has a leak, which is repaired', () => {
    expect(judge(leak, { baseline: baseline(NOW - 24 * HOUR, healthy) })).toEqual({ asked: [] });
  });
  it('is asked for within 24 hours of the first full sweep', () => {
    expect(judge(leak, { baseline: baseline(NOW - 23 * HOUR, healthy) }).asked).toEqual(['connect-redis']);
  });
  it('is asked for where the first full sweep left them as they are', () => {
    const held = { 'connect-redis': { sessions: 9_000, withoutTtl: 9_000 } };
    expect(judge(leak, { baseline: baseline(NOW - 99 * HOUR, held) }).asked).toEqual(['connect-redis']);
  });
  it('is asked for after a record of an earlier version, which counted no dialects', () => {
    const { firstAtMs: _, ...earlier } = baseline(NOW - 99 * HOUR);
    expect(judge(leak, { baseline: earlier }).asked).toEqual(['connect-redis']);
  });
});

describe('a question that is open', () => {
  const few = [sample({ 'connect-redis': tally(10_000, 150) })];
  const asked = { 'connect-redis': { sessions: 10_150, withoutTtl: 10_150, asked: true } } as const;

  it('stays open where one sweep has repaired them, and more come', () => {
    expect(judge(few, { baseline: baseline(NOW - 99 * HOUR, asked) }).asked).toEqual(['connect-redis']);
  });
  it('has its answer in the installation’s policies, also for a sweep with a policy for all dialects', () => {
    const given = { baseline: baseline(NOW - 99 * HOUR, asked), policies: {} };
    expect(judge(few, { ...given, installation: { 'connect-redis': 'expire' } }).asked).toEqual([]);
    expect(judge(few, { ...given, installation: { 'connect-redis': 'report' } }).asked).toEqual(['connect-redis']);
  });
});

describe('in a large store', () => {
  const part = { read: 10_000, of: 1_000_000 };

  it('twenty sessions of a sample are enough', () => {
    expect(judge([sample({ 'connect-redis': tally(0, 20), django: tally(20, 0) }, part)])).toEqual({
      asked: ['connect-redis'],
      judged: ['connect-redis', 'django'],
    });
  });
  it('a few that are drawn do not outweigh a share of nine in ten', () => {
    expect(judge([sample({ 'connect-redis': tally(4, 16) }, part)]).asked).toEqual(['connect-redis']);
    expect(judge([sample({ 'connect-redis': tally(400, 1_600) }, part)]).asked).toEqual([]);
    const counted = baseline(NOW - 99 * HOUR, { 'connect-redis': { sessions: 1_000_000, withoutTtl: 950_000 } });
    expect(judge([sample({ 'connect-redis': tally(400, 1_600) }, part)], { baseline: counted }).asked).toEqual(['connect-redis']);
  });
  it('a part of it that can be one application’s shows nothing of the others', () => {
    const one = { ...sample({ 'connect-redis': tally(5_000, 0) }, part), isMixed: false };
    expect(judge([one])).toEqual({ asked: [], judged: [] });
  });
  it('whose size is not known, a sample can stand for any number', () => {
    expect(judge([sample({ 'connect-redis': tally(0, 50) }, { read: 10_000, of: 0 })]).asked).toEqual(['connect-redis']);
  });
  it('rarer ones are counted first, unless the last full sweep has', () => {
    const samples = [sample({ 'connect-redis': tally(0, 3), django: tally(0, 2) }, part)];
    expect(judge(samples)).toEqual({ asked: [], judged: [] });
    const counted = { 'connect-redis': { sessions: 300, withoutTtl: 300 }, django: { sessions: 20, withoutTtl: 20 } };
    expect(judge(samples, { baseline: baseline(NOW - HOUR, counted) })).toEqual({
      asked: ['connect-redis'],
      judged: ['connect-redis', 'django'],
    });
  });
  it('without a sample the last count decides', () => {
    expect(judge(undefined)).toEqual({ asked: [], judged: [] });
    const counted = { 'connect-redis': { sessions: 300, withoutTtl: 300 } };
    expect(judge(undefined, { baseline: baseline(NOW - HOUR, counted) })).toEqual({ asked: ['connect-redis'], judged: ['connect-redis'] });
  });
});
