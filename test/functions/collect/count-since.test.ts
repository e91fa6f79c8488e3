import { describe, expect, it } from 'vitest';
import { countSince, hitRateOf } from '../../../functions/collect/sample-window.ts';

const counters = (hits: number) => ({
  hits,
  misses: 0,
  evictions: 0,
  authenticationFailures: null,
  refusedWrites: null,
  engineSeconds: null,
});
const node = (runId: string, hits: number, uptimeSeconds = 10_000) => ({ runId, uptimeSeconds, counters: counters(hits) });

describe('countSince', () => {
  it.each([
    ['the difference of one process', [node('a', 150)], { a: counters(100) }, 50],
    ['the sum over nodes', [node('a', 150), node('b', 30)], { a: counters(100), b: counters(10) }, 70],
    ['nothing where nothing happened', [node('a', 100)], { a: counters(100) }, 0],
    ['everything since a reset', [node('a', 30)], { a: counters(100) }, 30],
    ['everything of a process that started since', [node('new', 20, 40)], { a: counters(100) }, 20],
    ['nothing of a process that is older and was not seen before', [node('old', 20), node('a', 101)], { a: counters(100) }, 1],
    ['unknown when all were unseen', [node('old', 20)], { a: counters(100) }, undefined],
    ['unknown at the first reading', [node('a', 20)], undefined, undefined],
  ])('gives %s', (_title, nodes, previous, expected) => {
    expect(countSince('hits', nodes, previous, 60)).toBe(expected);
  });

  it('is unknown where the engine does not count', () => {
    expect(countSince('authenticationFailures', [node('a', 1)], { a: counters(1) }, 60)).toBeUndefined();
    expect(countSince('refusedWrites', [node('a', 1)], { a: counters(1) }, 60)).toBeUndefined();
  });
});

describe('hitRateOf', () => {
  it.each([
    [90, 10, 90],
    [0, 10, 0],
    [0, 0, undefined],
    [undefined, 10, undefined],
  ])('of %s hits and %s misses is %s', (hits, misses, expected) => {
    expect(hitRateOf(hits, misses)).toBe(expected);
  });
});
