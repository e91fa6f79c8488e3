import { describe, expect, it } from 'vitest';
import { lengthOf, schedule, togetherWith } from '../../../../functions/deploy/dry-run/forecast.ts';

const starts = (slots: ReturnType<typeof schedule>) => slots.map(({ startsAfterSeconds }) => startsAfterSeconds);

describe('a schedule', () => {
  it('rolls one after the other with a limit of 1', () => {
    const slots = schedule(['a', 'b', 'c'], { limit: 1, secondsOf: () => 10 });
    expect(starts(slots)).toEqual([0, 10, 20]);
    expect(lengthOf(slots)).toBe(30);
    expect(slots.map((slot) => togetherWith(slots, slot))).toEqual([[], [], []]);
  });

  it('begins the next as soon as one has ended, not in rounds', () => {
    const slots = schedule(['a', 'b', 'c', 'd'], { limit: 2, secondsOf: (id) => (id === 'a' ? 30 : 10) });
    expect(starts(slots)).toEqual([0, 0, 10, 20]);
    expect(lengthOf(slots)).toBe(30);
    expect(slots.map((slot) => togetherWith(slots, slot))).toEqual([['b', 'c', 'd'], ['a'], ['a'], ['a']]);
  });

  it('waits after the first ones have ended, and then goes on with as many at once', () => {
    const slots = schedule(['a', 'b', 'c', 'd'], { limit: 2, secondsOf: () => 10, pause: { after: 1, seconds: 60 } });
    expect(starts(slots)).toEqual([0, 70, 70, 80]);
    expect(slots.map((slot) => togetherWith(slots, slot))).toEqual([[], ['c'], ['b'], []]);
  });

  it('has no length without a server', () => expect(lengthOf(schedule([], { limit: 3, secondsOf: () => 10 }))).toBe(0));
});
