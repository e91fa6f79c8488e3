import { describe, expect, it } from 'vitest';
import {
  compareWithBaseline,
  type DatabaseBaseline,
  lowerBaseline,
  putLoweredBaseline,
  readTtlBaseline,
  type TtlBaseline,
  writeTtlBaseline,
} from '../../../functions/records/ttl-baseline.ts';

const count = (database: number, persistent: number) => ({ database, keys: 1_000 + persistent, expires: 1_000 });
const of = (left: number, unrepaired = 0, structural = 0): DatabaseBaseline => ({ left, structural, unrepaired });
const baseline = (byDatabase: TtlBaseline['byDatabase']): TtlBaseline => ({
  sweepId: 's1',
  takenAtMs: 2,
  startedAtMs: 1,
  settingsKey: 'k',
  primaries: 2,
  byDatabase,
});

describe('keys without a TTL beyond the baseline', () => {
  it.each<[string, ReturnType<typeof count>[], number[], TtlBaseline | undefined, object]>([
    ['are all, without a baseline', [count(0, 7)], [0], undefined, { persistent: 7, withoutTtl: 7, repairable: 7 }],
    ['are none of those left on purpose', [count(0, 7)], [0], baseline({ 0: of(7) }), { persistent: 7, withoutTtl: 0, repairable: 0 }],
    ['are what has grown', [count(0, 9)], [0], baseline({ 0: of(7) }), { withoutTtl: 2, repairable: 2 }],
    ['are never negative', [count(0, 3)], [0], baseline({ 0: of(7) }), { withoutTtl: 0, repairable: 0 }],
    ['include those that a sweep could not repair', [count(0, 9)], [0], baseline({ 0: of(4, 3) }), { withoutTtl: 5, repairable: 2 }],
    ['are compared by database', [count(0, 3), count(1, 9)], [0, 1], baseline({ 0: of(7), 1: of(5) }), { withoutTtl: 4 }],
    ['are those of the swept databases', [count(0, 3), count(1, 9)], [0], undefined, { persistent: 3, withoutTtl: 3 }],
    ['are all in a database that the sweep did not have', [count(4, 9)], [4], baseline({ 0: of(7) }), { withoutTtl: 9 }],
    ['are none in a database without keys', [], [0], baseline({ 0: of(7) }), { persistent: 0, withoutTtl: 0 }],
  ])('%s', (_title, counts, databases, given, expected) => {
    expect(compareWithBaseline(counts, databases, given)).toMatchObject(expected);
  });
});

describe('a baseline is lowered', () => {
  it('with the sessions of each dialect, of which no more can be left', () => {
    const byDialect = { 'connect-redis': { sessions: 900, withoutTtl: 900, asked: true } } as const;
    const lowered = lowerBaseline({ ...baseline({ 0: of(900) }), byDialect }, [count(0, 150)], 2);
    expect(lowered?.byDialect).toEqual({ 'connect-redis': { sessions: 900, withoutTtl: 150, asked: true } });
  });
  it('to what is left', () => {
    expect(lowerBaseline(baseline({ 0: of(7, 2, 6), 1: of(1) }), [count(0, 5), count(1, 4)], 2)?.byDatabase).toEqual({
      0: of(5, 0, 5),
      1: of(1),
    });
  });

  it('to nothing in a database that was flushed', () => {
    expect(lowerBaseline(baseline({ 0: of(7, 2) }), [], 2)?.byDatabase).toEqual({ 0: of(0) });
  });

  it.each([
    ['with as many keys', [count(0, 9)], 2],
    ['while a primary does not answer', [count(0, 1)], 1],
  ])('not %s', (_title, counts, primaries) => {
    expect(lowerBaseline(baseline({ 0: of(7, 2) }), counts, primaries)).toBeUndefined();
  });
});

it('is one item, and lowered only while it is the same sweep’s', async () => {
  const puts: unknown[][] = [];
  const table = { get: async <T>() => puts.at(-1)?.[1] as T | undefined, put: async (...put: unknown[]) => Boolean(puts.push(put)) };
  expect(await readTtlBaseline(table)).toBeUndefined();
  await writeTtlBaseline(table, baseline({ 0: of(7) }));
  expect(await readTtlBaseline(table)).toEqual(baseline({ 0: of(7) }));
  await putLoweredBaseline(table, baseline({ 0: of(3) }));
  expect(puts[1]).toEqual([
    { pk: 'STORE', sk: 'TTL-BASELINE' },
    baseline({ 0: of(3) }),
    { ConditionExpression: 'sweepId = :sweepId', ExpressionAttributeValues: { ':sweepId': 's1' } },
  ]);
});
