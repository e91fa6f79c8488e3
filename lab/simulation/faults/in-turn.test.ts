import { expect, test } from 'vitest';
import type { Aim } from './aim.ts';
import { inTurn } from './in-turn.ts';

test('seeds of every kind of fleet come to each aim, however many there are', () => {
  const aims = Array.from({ length: 7 }, (_, index): Aim => ({ name: String(index), draw: () => ({ faults: {} }) }));
  for (let count = 1; count <= aims.length; count += 1) {
    const some = inTurn(aims.slice(0, count));
    expect(some.length % 3, `of ${count}`).not.toBe(0);
    expect(new Set(some).size).toBe(count);
  }
});
