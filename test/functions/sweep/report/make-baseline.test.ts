import { describe, expect, it } from 'vitest';
import type { TtlBaseline } from '../../../../functions/records/ttl-baseline.ts';
import type { Checkpoint } from '../../../../functions/sweep/contract/checkpoint.ts';
import type { SweepContext } from '../../../../functions/sweep/contract/steps.ts';
import type { Tally } from '../../../../functions/sweep/contract/tally.ts';
import { EMPTY_TALLY } from '../../../../functions/sweep/report/count-tally.ts';
import { makeBaseline, unrepairedIn } from '../../../../functions/sweep/report/make-baseline.ts';
import { contextOf } from '../run-sweep.ts';

/** A store of 1,000 keys, of which so many have no TTL. */
const counters = (persistent: number, primaries = 1) => ({
  counts: [{ database: 0, keys: 1_000, expires: 1_000 - persistent }],
  primaries,
});
const DIALECT = {
  sampled: 0,
  sampledBytes: 0,
  sessionsWithoutTtl: 0,
  companionsWithoutTtl: 0,
  bytesWithoutTtl: 0,
  ages: [],
  policy: 'expire' as const,
};
const tallyOf = (dialect: object, rest: Partial<Tally> = {}): Tally => ({
  ...EMPTY_TALLY,
  keys: 1_000,
  byDialect: { spring: { ...DIALECT, structural: 0, repaired: 0, deleted: 0, unrepaired: {}, ...dialect } },
  ...rest,
});
const checkpoint = (tally: Tally, change: Partial<Checkpoint> = {}) => ({ tally, isDone: true, ...change }) as Checkpoint;
const sweep = (before: number, change: Partial<SweepContext> = {}): SweepContext => ({
  ...contextOf({}),
  counters: counters(before),
  settingsKey: 'k',
  ...change,
});
/** A full sweep of this version came before. */
const EARLIER: TtlBaseline = {
  ...{ sweepId: 'e', startedAtMs: 1, takenAtMs: 2, settingsKey: 'k', primaries: 1 },
  byDatabase: { 0: { left: 0, structural: 0, unrepaired: 3 } },
  byDialect: {},
};
const made = (tally: Tally, before: number, after: number, earlier: TtlBaseline | undefined = EARLIER) =>
  makeBaseline(sweep(before), [{ unit: '0001', checkpoint: checkpoint(tally) }], [0], counters(after), { takenAtMs: 9, earlier })
    ?.byDatabase[0];

/** 5 by design, 4 unknown, 3 permanent, 2 by policy, 1 unreadable: 15 on purpose. */
const PURPOSE = { structural: 5, unrepaired: { permanent: 3, 'report-only': 2, unreadable: 1 } };

describe('the baseline after a full sweep', () => {
  it('is what it left on purpose', () => {
    expect(made(tallyOf({ ...PURPOSE, repaired: 20 }, { unknown: 4 }), 35, 15)).toEqual({ left: 15, structural: 5, unrepaired: 0 });
  });

  it('does not contain keys that came after their page was read', () => {
    expect(made(tallyOf({ ...PURPOSE, repaired: 20 }, { unknown: 4 }), 35, 115)).toMatchObject({ left: 15 });
  });

  it('contains no key that has gone since', () => {
    expect(made(tallyOf({ ...PURPOSE, repaired: 20 }, { unknown: 4 }), 35, 9)).toMatchObject({ left: 9, structural: 5 });
  });

  it('has keys that it was not permitted to repair apart, and counts none that were in use as left', () => {
    const unrepaired = { 'not-permitted': 7, 'delete-limit': 1, 'changed-meanwhile': 2 };
    expect(made(tallyOf({ structural: 5, unrepaired }), 15, 15)).toEqual({ left: 5, structural: 5, unrepaired: 8 });
    expect(unrepairedIn([tallyOf({ structural: 5, unrepaired })])).toBe(8);
  });

  it('has what the first full sweep cannot repair among what it left, so that no alarm fires: it can be of years', () => {
    const unrepaired = { 'not-permitted': 7, 'delete-limit': 1, 'changed-meanwhile': 2 };
    const first = makeBaseline(
      sweep(15),
      [{ unit: '0001', checkpoint: checkpoint(tallyOf({ structural: 5, unrepaired })) }],
      [0],
      counters(15),
      { takenAtMs: 9 },
    );
    expect(first?.byDatabase[0]).toEqual({ left: 13, structural: 5, unrepaired: 0 });
    // What the sweep of an earlier version had found goes on firing.
    const { byDialect: _, ...ofEarlierVersion } = EARLIER;
    expect(made(tallyOf({ structural: 5, unrepaired }), 15, 15, ofEarlierVersion)).toEqual({ left: 10, structural: 5, unrepaired: 3 });
  });

  it('notes keys that were only counted: they are left, and the next sweep reads every key', () => {
    const units = [{ unit: '0001', checkpoint: checkpoint(tallyOf({ unrepaired: { uncounted: 6 } })) }];
    expect(makeBaseline(sweep(6), units, [0], counters(6), { takenAtMs: 9 })).toMatchObject({
      uncounted: 6,
      byDatabase: { 0: { left: 6, unrepaired: 0 } },
    });
  });

  it('notes which dialects nobody has answered for, while they have sessions without a TTL', () => {
    const noted = (sessionsWithoutTtl: number, asked: readonly string[]) => {
      const units = [
        { unit: '0001', checkpoint: checkpoint(tallyOf({ sessionsWithoutTtl, unrepaired: { unconfirmed: sessionsWithoutTtl } })) },
      ];
      return makeBaseline(sweep(6, { consent: { asked } }), units, [0], counters(6), { takenAtMs: 9 })?.byDialect?.['spring'];
    };
    expect(noted(6, ['spring'])).toMatchObject({ withoutTtl: 6, asked: true });
    expect(noted(6, [])).not.toHaveProperty('asked');
    expect(noted(0, ['spring'])).not.toHaveProperty('asked');
  });

  it('takes keys that SCAN returned twice for one', () => {
    // Five structural keys, two of them seen twice, and three new keys that were never seen.
    expect(made(tallyOf({ structural: 7, repaired: 20 }, { keys: 1_002 }), 25, 8)).toMatchObject({ left: 5 });
  });

  it('is by database, over all primaries', () => {
    const units = [
      { unit: '0-8191', checkpoint: checkpoint(tallyOf({ structural: 5 })) },
      { unit: '8192-16383', checkpoint: checkpoint(tallyOf({ structural: 2 })) },
    ];
    const before = counters(7, 2);
    const baseline = makeBaseline(sweep(7, { counters: before }), units, [0], before, { takenAtMs: 9 });
    expect(baseline).toMatchObject({ sweepId: 'sweep-1', primaries: 2, settingsKey: 'k', byDatabase: { 0: { left: 7 } } });
    const databases = [
      { unit: '0001', checkpoint: checkpoint(tallyOf({ structural: 5 })) },
      { unit: '0001/db20', checkpoint: checkpoint(tallyOf({ structural: 2 }, { keys: 4 })) },
    ];
    const counts = [...counters(5).counts, { database: 20, keys: 4, expires: 2 }];
    expect(makeBaseline(sweep(7), databases, [0, 20], { counts, primaries: 1 }, { takenAtMs: 9 })?.byDatabase).toMatchObject({
      0: { left: 5 },
      20: { left: 2 },
    });
  });
});

describe('no baseline comes from', () => {
  const whole = checkpoint(tallyOf(PURPOSE));
  it.each<[string, SweepContext, Checkpoint | undefined, number]>([
    ['a dry run', sweep(15, { dryRun: true }), whole, 1],
    ['a sweep that has no counters of its beginning', { ...contextOf({}), settingsKey: 'k' }, whole, 1],
    ['a unit that did not end', sweep(15), checkpoint(tallyOf(PURPOSE), { isDone: false }), 1],
    ['a unit whose database was refused', sweep(15), checkpoint(tallyOf(PURPOSE), { fault: { Error: 'x', Cause: 'y' } }), 1],
    ['a unit whose checkpoint was lost', sweep(15), undefined, 1],
    ['a cluster that has another number of primaries now', sweep(15), whole, 2],
  ])('%s', (_title, context, one, primaries) => {
    expect(makeBaseline(context, [{ unit: '0001', checkpoint: one }], [0], counters(15, primaries), { takenAtMs: 9 })).toBeUndefined();
  });
});
