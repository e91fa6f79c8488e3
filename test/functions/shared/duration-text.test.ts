import { describe, expect, it } from 'vitest';
import { durationText } from '../../../functions/shared/texts.ts';

describe('durationText', () => {
  it.each([
    [-5, '0.0 s'],
    [12_340, '12.3 s'],
    [59_949, '59.9 s'],
    [59_950, '1 m 00 s'],
    [185_000, '3 m 05 s'],
    [3_599_600, '1 h 00 m'],
    [3_720_000, '1 h 02 m'],
  ])('%i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
