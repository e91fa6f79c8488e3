import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { judgeStrength } from '../../../functions/canary/checks/strength.ts';
import type { Outcome } from '../../../functions/canary/findings/result.ts';

const briefly = (outcome: Outcome): string => {
  if (outcome.is === 'finding') return outcome.finding;
  return outcome.is === 'notChecked' ? 'not checked' : outcome.is;
};

describe('the strength of ids', () => {
  const many = Array.from({ length: 12 }, (_, at) => createHash('sha256').update(`${at}`).digest('hex').slice(0, 40));
  it.each([
    ['long ones without order', many, ['holds']],
    ['too few', many.slice(0, 9), ['not checked']],
    ['a counter with a constant part', many.map((_, at) => `session-of-the-shop-${1_000 + ((at * 5) % 12)}`), ['id-too-short']],
    ['a counter', many.map((id, at) => `${100 + at}${id}`), ['id-predictable']],
    ['a counter that grows by a digit', many.map((id, at) => `${at + 5}-${id}`), ['id-predictable']],
    ['short ones', many.map((id) => id.slice(0, 12)), ['id-too-short']],
    ['signed short ones', many.map((id, at) => `s%3A${id.slice(0, 12)}.${many[(at + 1) % 12]}${many[(at + 3) % 12]}`), ['id-too-short']],
    ['tokens', many.map((id) => `eyJhbGciOiJIUzI1NiJ9.${id}.${id}`), ['not checked']],
    [
      'UUIDs',
      many.map((id) => `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(12, 15)}-8${id.slice(15, 18)}-${id.slice(18, 30)}`),
      ['notice', 'holds'],
    ],
  ])('%s: %j', (_, values, expected) => {
    expect(judgeStrength(values).map(briefly)).toEqual(expected);
  });
});
