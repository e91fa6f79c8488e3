import { describe, expect, it } from 'vitest';
import { type Lookups, PEOPLE_ARE_GONE } from '../../../functions/collect/contract.ts';
import { expectedLookups, isTimedOut, isUsualTraffic, watchLookups } from '../../../functions/collect/watch-lookups.ts';

const MINUTE = 60_000;
type Reading = { readonly found: number; readonly missed?: number; readonly net?: number | null; readonly sessions?: number };
const watched = (readings: readonly Reading[], before?: Lookups): Lookups | undefined =>
  readings.reduce<Lookups | undefined>(
    (known, { found, missed = 1, net = 0, sessions = 100 }, index) =>
      watchLookups(known, { atMs: index * MINUTE, elapsedSeconds: 60, found, missed, net, sessions }),
    before,
  );
const steady = (minutes: number, reading: Reading = { found: 150 }): readonly Reading[] => Array.from({ length: minutes }, () => reading);
const seen = (readings: readonly Reading[]) => {
  const { fallen, lostPercent, againPercent, begun } = watched([...steady(12), ...readings]) ?? {};
  return { fall: fallen?.percent, lostPercent, againPercent, begun: begun?.perMinute };
};
const NOTHING = { fall: undefined, lostPercent: undefined, againPercent: undefined };

describe('ordinary minutes', () => {
  it.each([
    ['as many as before', [{ found: 140 }, { found: 165 }]],
    ['an evening', Array.from({ length: 60 }, (_, minute) => ({ found: Math.round(150 * 0.985 ** minute) }))],
    ['a campaign', [10, 60, 80, 50, 20].map((net, minute) => ({ found: 150 + minute * 120, net, missed: 8 }))],
    [
      'bots that begin sessions',
      [70, 200, 200, 200].map((net) => ({ found: 150, net })).map((one, index) => ({ ...one, sessions: 100 + index * 200 })),
    ],
    ['bots that name sessions which do not exist', steady(5, { found: 150, missed: 300, net: 1 })],
    ['a class that logs out together', [{ found: 150, net: -60, sessions: 40 }]],
    ['sessions that time out together', [{ found: 150, net: 0, sessions: 40 }]],
  ])('%s are none of it', (name, readings) => {
    const { begun, ...rest } = seen(readings);
    expect(rest).toEqual(NOTHING);
    // Whether each of them logs in, the load balancer knows.
    expect(begun === undefined || name === 'bots that begin sessions').toBe(true);
  });
});

describe('trouble', () => {
  it('is that half of the people do not come through, for as long as they do not', () => {
    expect(seen(steady(2, { found: 75 }))).toMatchObject({ fall: 50 });
    expect(seen(steady(100, { found: 75 }))).toMatchObject({ fall: 50 });
    expect(seen([...steady(10, { found: 75 }), ...steady(2, { found: 150 })])).toMatchObject({ fall: undefined });
  });

  it('is that sessions are deleted whose users come', () => {
    expect(seen([{ found: 120, missed: 40, net: -60, sessions: 40 }])).toMatchObject({ lostPercent: 60 });
  });

  it('is also that their users have begun others before the next reading', () => {
    const back = { found: 140, missed: 34, net: -5 };
    expect(seen([back])).toMatchObject({ lostPercent: undefined });
    expect(seen([back, { found: 150, missed: 4, net: 8 }])).toMatchObject({ lostPercent: 33 });
    expect(
      seen([
        { found: 140, missed: 10, net: -36 },
        { found: 140, missed: 25, net: 29 },
      ]),
    ).toMatchObject({ lostPercent: 36 });
  });

  it.each([
    ['bots that go on', { found: 150, missed: 34, net: 0 }, { found: 150, missed: 34, net: 0 }],
    ['people who come back after a time-out', { found: 170, missed: 34, net: 30 }, { found: 180, missed: 2, net: 2 }],
    ['a scanner with more ids than there are sessions', { found: 150, missed: 300, net: 0 }, { found: 150, missed: 1, net: 0 }],
  ])('is not %s', (_, ...readings) => {
    expect(seen(readings)).toMatchObject({ lostPercent: undefined });
  });

  it('is that those who were here log in again at once', () => {
    expect(
      seen([
        { found: 130, net: 60 },
        { found: 140, net: 6 },
      ]),
    ).toMatchObject({ againPercent: 66 });
    expect(
      seen([
        { found: 130, net: null },
        { found: 140, net: 6 },
      ]),
    ).toMatchObject({ againPercent: undefined });
  });

  it('is that sessions begin and begin, and no more pages are read', () => {
    expect(seen(steady(1, { found: 140, net: 30 }))).toMatchObject({ begun: undefined });
    expect(seen(steady(2, { found: 140, net: 30 }))).toMatchObject({ begun: 30 });
  });

  it('is not that people come for a few pages, as before', () => {
    const short = { found: 100, net: 20 };
    expect(watched(steady(20, short))?.begun).toBeUndefined();
    expect(watched([...steady(12, short), ...steady(2, { found: 100, net: 45 })])?.begun?.perMinute).toBe(45);
  });

  it('lasts while sessions begin so fast, for three hours', () => {
    const fast = { found: 140, net: 30 };
    expect(seen(steady(170, fast))).toMatchObject({ begun: 30 });
    expect(seen(steady(200, fast))).toMatchObject({ begun: undefined });
  });
});

describe('without a baseline', () => {
  it('nothing is judged before eight readings, and after a gap', () => {
    expect(watched([...steady(7), { found: 0 }])).toMatchObject({ usual: expect.any(Number) });
    expect(watched([...steady(7), { found: 0 }])?.fallen).toBeUndefined();
    expect(watched([...steady(8), { found: 0 }])?.fallen).toBeDefined();
    const known = watched(steady(12));
    expect(watchLookups(known, { atMs: 0, elapsedSeconds: 3_600, found: 0, missed: 0, net: 0, sessions: 1 })?.fallen).toBeUndefined();
    expect(watchLookups(known, { atMs: 0, elapsedSeconds: 60, found: undefined, missed: 0, net: 0, sessions: 1 })).toBeUndefined();
  });
});

describe('what is to be expected', () => {
  it.each([
    ['the usual', steady(12), { usual: 150, now: 150 }],
    ['0 of a few', steady(12, { found: 5 }), { usual: 0, now: 0 }],
    ['more than any number of pages while next to none comes', [...steady(12), { found: 10 }], { usual: 147, now: PEOPLE_ARE_GONE }],
    ['0 before enough is known', steady(7), { usual: 0, now: 0 }],
  ])('is %s', (_, readings, expected) => {
    expect(expectedLookups(watched(readings) as Lookups)).toEqual(expected);
  });

  it('shows whether people go on as usual', () => {
    expect(isUsualTraffic(watched(steady(12)))).toBe(true);
    expect(isUsualTraffic(watched([...steady(12), ...steady(3, { found: 80 })]))).toBe(false);
    expect(isUsualTraffic(undefined)).toBe(false);
  });
});

describe('fewer sessions', () => {
  const ended = (reading: Reading, last = reading) => isTimedOut(watched([...steady(12, reading), last]));

  it('have timed out where others begin', () => {
    expect(ended({ found: 150, net: 1 })).toBe(true);
    expect(ended({ found: 150, net: 1 }, { found: 150, net: -5, sessions: 80 })).toBe(true);
  });

  it('can be of users who cannot log in, or were deleted, or of keys that are no sessions', () => {
    expect(ended({ found: 150, net: 0 })).toBe(false);
    expect(ended({ found: 150, net: 1 }, { found: 150, net: -20, sessions: 80 })).toBe(false);
    expect(ended({ found: 150, net: null })).toBe(false);
    expect(isTimedOut(watched(steady(7, { found: 150, net: 1 })))).toBe(false);
  });
});
