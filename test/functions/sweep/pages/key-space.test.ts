import { describe, expect, it } from 'vitest';
import type { Part } from '../../../../functions/sweep/contract/checkpoint.ts';
import { advance, CursorInDoubt, partsOfBuckets, partsOfSlots, WHOLE } from '../../../../functions/sweep/pages/key-space.ts';

const BUCKET_BITS = 8;
/** A page of one bucket, as the engines compute the next cursor for a table of 256 buckets. */
function nextBucket(cursor: string): string {
  const mask = (1n << BigInt(BUCKET_BITS)) - 1n;
  const bits = (BigInt(cursor) & mask).toString(2).padStart(BUCKET_BITS, '0');
  const next = (Number.parseInt([...bits].reverse().join(''), 2) + 1).toString(2).padStart(BUCKET_BITS, '0').slice(-BUCKET_BITS);
  return String(Number.parseInt([...next].reverse().join(''), 2));
}

describe('parts of the buckets', () => {
  it('start at the reversed bits of their shares', () => {
    expect(partsOfBuckets(2).map(({ cursor, until }) => [cursor, until])).toEqual([
      ['0', '1'],
      ['1', '0'],
    ]);
    expect(partsOfBuckets(4).map(({ cursor }) => cursor)).toEqual(['0', '2', '1', '3']);
  });

  it.each([2, 3, 4, 5])('%i of them have every bucket, and at most one twice at each seam', (count) => {
    const seen: number[] = [];
    for (let part of partsOfBuckets(count)) {
      for (; !part.isDone; part = advance(part, nextBucket(part.cursor), 1, 'buckets')) {
        seen.push(Number(BigInt(part.cursor) & 255n));
      }
    }
    expect(new Set(seen).size).toBe(256);
    expect(seen.length).toBeLessThanOrEqual(256 + count - 1);
  });
});

describe('parts of the slots', () => {
  it('start at slots, and have an equal number of the node’s own', () => {
    expect(partsOfSlots([[5_461, 10_922]], 2).map(({ cursor, until }) => [cursor, until])).toEqual([
      ['0', '8192'],
      ['8192', '0'],
    ]);
    expect(partsOfSlots([[7, 7]], 4)).toMatchObject([
      { cursor: '0', until: '7' },
      { cursor: '7', until: '0' },
    ]);
  });

  it('count slots before the buckets of a slot', () => {
    const cursor = (slot: number, bucket: number) => String((bucket << 14) | slot);
    const part: Part = { ...WHOLE, cursor: cursor(3, 1), until: '5' };
    expect(advance(part, cursor(3, 3), 1, 'slots').isDone).toBe(false);
    expect(advance(part, cursor(4, 0), 1, 'slots').isDone).toBe(false);
    expect(advance(part, cursor(5, 0), 1, 'slots').isDone).toBe(true);
    expect(() => advance(part, cursor(3, 2), 1, 'slots')).toThrow(CursorInDoubt);
    expect(() => advance(part, cursor(2, 3), 1, 'slots')).toThrow(CursorInDoubt);
  });
});

describe('a cursor', () => {
  const part: Part = { cursor: '1', until: '3', keys: 5, withTtl: 0, isDone: false };

  it.each([
    ['that goes back', '2'],
    ['that stays', '1'],
    ['of more than 64 bits', '18446744073709551616'],
    ['that is negative', '-1'],
    ['that is a text', '1x'],
  ])('%s is not followed in parts', (_, cursor) => {
    expect(() => advance(part, cursor, 1, 'buckets')).toThrow(CursorInDoubt);
  });

  it('ends its part at the next one’s start, or at the end of all', () => {
    expect(advance(part, '3', 2, 'buckets')).toEqual({ cursor: '3', until: '3', keys: 7, withTtl: 0, isDone: true });
    expect(advance(part, '7', 2, 'buckets').isDone).toBe(true);
    expect(advance(part, '0', 2, 'buckets').isDone).toBe(true);
    expect(advance(part, '5', 2, 'buckets').isDone).toBe(false);
  });

  it('of the only part is followed wherever it leads', () => {
    expect(advance(WHOLE, 'opaque', 2, undefined)).toEqual({ cursor: 'opaque', until: '0', keys: 2, withTtl: 0, isDone: false });
    expect(advance(WHOLE, '0', 2, undefined).isDone).toBe(true);
  });
});
