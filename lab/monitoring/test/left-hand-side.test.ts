import { describe, expect, it } from 'vitest';
import { leftHandSides } from '../left-hand-side.ts';

describe('what an alert compares', () => {
  it.each([
    ['redis_up == 0', ['redis_up']],
    ['a / b > 0.8', ['a / b']],
    ['a < 6 * 3600', ['a']],
    ['ratio < 0.8 and lookups > 1', ['ratio', 'lookups']],
    ['a > 1 and on (store) b < 2 unless ignoring (x, y) c != 3', ['a', 'b', 'c']],
    ['(count(up{job="x"}) or vector(0)) < 1', ['count(up{job="x"})', 'vector(0)']],
    ['((a > 1))', ['a']],
    ['(a) - (b) >= 1', ['(a) - (b)']],
    ['sum by (store) (rate(a{err=~"X|Y", b!="and > }"}[5m])) > 10', ['sum by (store) (rate(a{err=~"X|Y", b!="and > }"}[5m]))']],
    ['holdfast:or_and{x="("} > 0', ['holdfast:or_and{x="("}']],
    ['absent_metric', ['absent_metric']],
  ])('%s', (expression, sides) => {
    expect(leftHandSides(expression)).toEqual(sides);
  });

  it.each([
    ['count(redis_up == 0) > 1', 'put the comparison at the top level'],
    ['a > b', 'compare once, and with a number instead of b'],
    ['a > bool 1', 'compare once, and with a number'],
    ['a > 1 > 0', 'compare once'],
    ['a > 1 and', 'put the comparison at the top level'],
  ])('refuses %s, which it cannot take apart', (expression, words) => {
    expect(() => leftHandSides(expression)).toThrow(words);
  });
});
