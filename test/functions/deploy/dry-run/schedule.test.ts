import { describe, expect, it } from 'vitest';
import { lengthOf, schedule, togetherWith } from '../../../../functions/deploy/dry-run/schedule.ts';

const starts = (slots: ReturnType<typeof schedule>) => slots.map(({ startsAfterSeconds }) => startsAfterSeconds);

describe('a schedule', () => {
  it('rolls one after the other with a limit of 1', () => {
    const slots = schedule(['a', 'b', 'c'], 1, () => 10);
    expect(starts(slots)).toEqual([0, 10, 20]);
    expect(lengthOf(slots)).toBe(30);
    expect(slots.map((slot) => togetherWith(slots, slot))).toEqual([[], [], []]);
  });

  it('begins the next as soon as one has ended, not in rounds', () => {
    const slots = schedule(['a', 'b', 'c', 'd'], 2, (id) => (id === 'a' ? 30 : 10));
    expect(starts(slots)).toEqual([0, 0, 10, 20]);
    expect(lengthOf(slots)).toBe(30);
    expect(slots.map((slot) => togetherWith(slots, slot))).toEqual([['b', 'c', 'd'], ['a'], ['a'], ['a']]);
  });

  it('has no length without a server', () => expect(lengthOf(schedule([], 3, () => 10))).toBe(0));
});
