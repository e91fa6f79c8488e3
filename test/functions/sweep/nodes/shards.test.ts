import { describe, expect, it } from 'vitest';
import { shardsOf } from '../../../../functions/shared/store/cluster-slots.ts';
import { assignShards, widestRange } from '../../../../functions/sweep/nodes/shards.ts';
import { databaseOf, describeUnit, unitOf, unitOfSlots } from '../../../../functions/sweep/unit-name.ts';

const ASKED = { host: 'asked', port: 1 };
const reply = [
  [5_461, 16_383, ['b', 2, 'id-b']],
  [0, 5_000, ['', 1, 'id-a'], ['c', 3, 'id-c'], ['?', 4, 'id-d']],
  [5_100, 5_460, [null, 1, 'id-a'], ['c', 3, 'id-c']],
  [5_001, 5_099, ['b', 2, 'id-b']],
] as Parameters<typeof shardsOf>[0];

describe('the shards of a cluster', () => {
  it('are one per primary; a node without an address is the one that answered', () => {
    expect(shardsOf(reply, ASKED)).toMatchObject([
      {
        primary: ASKED,
        slots: [
          [0, 5_000],
          [5_100, 5_460],
        ],
        replicas: [{ host: 'c', port: 3 }],
      },
      {
        primary: { host: 'b', port: 2 },
        slots: [
          [5_001, 5_099],
          [5_461, 16_383],
        ],
        replicas: [],
      },
    ]);
  });

  it('are called by their widest range', () => {
    expect(shardsOf(reply, ASKED).map(widestRange)).toEqual(['0-5000', '5461-16383']);
  });
});

describe('the primary of a unit', () => {
  const assigned = (units: readonly string[], shards = shardsOf(reply, ASKED)) =>
    Object.fromEntries([...assignShards(units, shards)].map(([unit, { primary }]) => [unit, primary.host]));
  const shard = (host: string, ...slots: [number, number][]) => ({ slots, primary: { host, port: 1 }, replicas: [] });

  it.each([
    ['0-5460', 'asked'],
    ['5001-5099', 'b'],
    ['5000-16383', 'b'],
  ])('of %s is the one with most of its slots', (unit, host) => {
    expect(assigned([unit])).toEqual({ [unit]: host });
  });

  it('that nobody serves does not exist', () => expect(assigned(['0-100'], [shard('b', [200, 300])])).toEqual({}));

  it('belongs to one unit only: the one with the most slots in common, and the other has none', () => {
    expect(assigned(['0-5460', '5461-10922'], [shard('a', [0, 10_922])])).toEqual({ '5461-10922': 'a' });
    expect(assigned(['0-99', '100-199'], [shard('a', [0, 199])])).toEqual({ '0-99': 'a' });
  });

  it('is another where the best one is taken', () => {
    expect(assigned(['0-99', '100-299'], [shard('a', [0, 59], [100, 299]), shard('b', [60, 99])])).toEqual({ '0-99': 'b', '100-299': 'a' });
  });
});

describe('the name of a unit', () => {
  it.each([
    [unitOf(0), '0001', 0, 'shard 0001'],
    [unitOf(20), '0001/db20', 20, 'shard 0001, database 20'],
    [unitOfSlots('0-5460', 1), '0-5460', 0, 'shard 0-5460'],
    [unitOfSlots('0-5460', 2), '0-5460/round2', 0, 'shard 0-5460, round 2'],
  ])('%s has its database in it, and is readable', (unit, name, database, text) => {
    expect([unit, databaseOf(unit), describeUnit(unit)]).toEqual([name, database, text]);
  });
});
