import { expect, it } from 'vitest';
import { lineOf, summarize } from '../../after-request/judge.ts';

it('takes the medians of the rounds, and the ratio within each', () => {
  const rounds = [
    { atOnceMs: 1, afterRequestMs: 2 },
    { atOnceMs: 10, afterRequestMs: 11 },
    { atOnceMs: 2, afterRequestMs: 3 },
  ];
  const found = summarize({ bytes: 1_024, kind: 'read' }, rounds);
  expect(found).toEqual({ bytes: 1_024, kind: 'read', atOnceMs: 2, afterRequestMs: 3, ratio: 1.5 });
  expect(lineOf(found)).toBe('  1024 bytes, read  : 2.00 ms atOnce, 3.00 ms afterRequest, 1.50 times as long');
});
