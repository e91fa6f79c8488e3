import { describe, expect, it } from 'vitest';
import { chooseMeasured, chooseSample, drawStart } from '../../../../functions/sweep/report/choose-sample.ts';

describe('one key in', () => {
  it.each([
    ['each, of a store without keys with a TTL', 1, { expiring: 0, withTtl: 0, sampleEvery: 100 }],
    ['each, of up to twice as many as are counted', 1, { expiring: 19_999, withTtl: 0, sampleEvery: 100 }],
    ['some, so that about as many are sampled', 2, { expiring: 20_000, withTtl: 0, sampleEvery: 100 }],
    ['some, so that about as many are sampled', 50, { expiring: 500_000, withTtl: 123, sampleEvery: 100 }],
    ['a hundred, of a million', 100, { expiring: 1_000_000, withTtl: 0, sampleEvery: 100 }],
    ['no more than the settings say', 100, { expiring: 50_000_000, withTtl: 0, sampleEvery: 100 }],
    ['each, where the settings say so', 1, { expiring: 50_000_000, withTtl: 9_000_000, sampleEvery: 1 }],
    ['more of them as they are seen, where the node does not count', 1, { expiring: 0, withTtl: 10_000, sampleEvery: 100 }],
    ['more of them as they are seen, where the node does not count', 30, { expiring: 0, withTtl: 300_000, sampleEvery: 100 }],
  ] as const)('%s: %i', (_, every, { withTtl, ...settings }) => {
    expect(chooseSample({ keys: 1_234, withTtl }, settings, 7)).toEqual({ every, since: 1_241 % every });
  });
});

it.each([
  ['each, of a store that is soon read', 1, 199_999],
  ['one in ten of a million', 10, 1_000_000],
  ['no fewer than the sampled ones', 100, 50_000_000],
] as const)('%s is measured for the largest sessions: one in %i', (_, every, expiring) => {
  expect(chooseMeasured({ keys: 1_234, withTtl: 0 }, { expiring, sampleEvery: 100 }, 7)).toEqual({ every, since: 1_241 % every });
});

it('a sample begins elsewhere for each sweep', () => {
  expect(drawStart('a 0001')).toBe(drawStart('a 0001'));
  expect(drawStart('b 0001')).not.toBe(drawStart('a 0001'));
});
