import { describe, expect, it } from 'vitest';
import { type BalancerRead, judgeBalancer, lookAtBalancer } from '../../../functions/people/balancer-counts.ts';
import type { PeopleKind } from '../../../functions/people/contract.ts';

const SEEDS = 300;
const MINUTE_MS = 60_000;

/** Numbers from 0 to 1, the same for a seed. */
function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 14), 61 | state);
    return ((mixed ^ (mixed >>> 12)) >>> 0) / 4_294_967_296;
  };
}

interface Traffic {
  readonly pages: number;
  readonly redirects: number;
  readonly refusals: number;
  readonly errors: number;
}
const USUAL: Traffic = { pages: 600, redirects: 60, refusals: 12, errors: 0.2 };

/** A minute in which counts scatter more than by chance alone, as of people who come and go. */
function minute(random: () => number, minuteMs: number, { pages, redirects, refusals, errors }: Traffic): BalancerRead['after'][number] {
  const around = (mean: number) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean * (0.9 + 0.2 * random()) + Math.sqrt(mean) * normal));
  };
  const counted = { target3xx: around(redirects), target4xx: around(refusals), target5xx: around(errors) };
  return { minuteMs, ...counted, requests: around(pages) + counted.target3xx + counted.target4xx + counted.target5xx };
}

function hourAnd(seed: number, now: Traffic, usual = USUAL, count = 60): BalancerRead {
  const random = randomOf(seed);
  const minutes = Array.from({ length: count + 1 }, (_, at) => minute(random, at * MINUTE_MS, at === count ? now : usual));
  return { before: minutes.slice(0, count), after: minutes.slice(count) };
}
const verdicts = (now: Traffic, usual = USUAL) =>
  Array.from({ length: SEEDS }, (_, seed) => judgeBalancer(hourAnd(seed + 1, now, usual), 1 / 3));
const stops = (now: Traffic, usual = USUAL) => verdicts(now, usual).filter(({ verdict }) => verdict === 'hurt').length;

describe('300 seeds of resampled minutes', () => {
  it.each<[string, Traffic, Traffic?]>([
    ['an ordinary minute', USUAL],
    ['a login campaign', { ...USUAL, pages: 1_100, redirects: 700 }],
    ['a scanner', { ...USUAL, refusals: 900 }],
    ['a slow scanner', { ...USUAL, refusals: 120 }],
    ['a mail whose links redirect', { ...USUAL, pages: 700, redirects: 220 }],
    ['renamed pages that redirect to the new name', { ...USUAL, redirects: 200 }],
    ['a store that fails over, on every server', { pages: 20, redirects: 60, refusals: 12, errors: 600 }],
    ['ten requests in the minute', { pages: 8, redirects: 1, refusals: 1, errors: 0 }, { pages: 8, redirects: 1, refusals: 1, errors: 0 }],
    ['a release that fixes errors', { ...USUAL, errors: 0 }, { ...USUAL, errors: 120 }],
    ['people who go home', { ...USUAL, pages: 200, redirects: 20, refusals: 4 }],
  ])('%s stops nothing', (_what, now, usual) => {
    expect(stops(now, usual)).toBe(0);
  });

  // A third of the users is near what totals can show: the minutes after that, and the second server, have the rest.
  it.each<[string, Traffic, PeopleKind, number]>([
    ['half of the users logged out', { pages: 300, redirects: 360, refusals: 12, errors: 0.2 }, 'turnedAway', 0.95],
    [
      'nearly all turned away, by a cookie that the first server has overwritten',
      { pages: 60, redirects: 600, refusals: 12, errors: 0.2 },
      'turnedAway',
      0.95,
    ],
    ['half of the users refused', { pages: 300, redirects: 60, refusals: 312, errors: 0.2 }, 'refused', 0.95],
    ['half of the pages broken', { pages: 300, redirects: 60, refusals: 12, errors: 300 }, 'serverErrors', 0.95],
    ['a third of the users logged out', { pages: 400, redirects: 260, refusals: 12, errors: 0.2 }, 'turnedAway', 0.5],
    ['a third of the pages broken', { pages: 400, redirects: 60, refusals: 12, errors: 200 }, 'serverErrors', 0.5],
  ])('%s is stopped after one minute', (_what, now, kind, often) => {
    const all = verdicts(now);
    expect(all.filter((one) => one.verdict === 'hurt' && one.kind === kind).length).toBeGreaterThan(often * SEEDS);
  });
});

it('a fleet that has served for minutes alone is stopped where nearly all that went wrong is missing, and for nothing else', () => {
  const share = (now: Traffic, usual = USUAL) =>
    Array.from({ length: SEEDS }, (_, seed) => judgeBalancer(hourAnd(seed + 1, now, usual, 5), 1 / 3)).filter(
      ({ verdict }) => verdict === 'hurt',
    ).length / SEEDS;
  expect([share(USUAL), share({ ...USUAL, redirects: 200 }), share({ ...USUAL, refusals: 120 })]).toEqual([0, 0, 0]);
  expect(share({ ...USUAL, pages: 300, redirects: 360 })).toBeGreaterThan(0.5);
  expect(judgeBalancer(hourAnd(1, { ...USUAL, pages: 10, errors: 500 }, USUAL, 4), 1 / 3)).toEqual({ verdict: 'tooFew' });
});

it('browsers in a loop of redirects are no crowd', () => {
  const { before, after } = hourAnd(1, { pages: 200, redirects: 2_000, refusals: 12, errors: 0 });
  expect(judgeBalancer({ before, after }, 1)).toMatchObject({ verdict: 'hurt', kind: 'turnedAway' });
});

it('judges nothing by fewer than 20 requests, or without an hour to compare with', () => {
  const few = hourAnd(1, { pages: 5, redirects: 9, refusals: 0, errors: 0 });
  expect(judgeBalancer(few, 1 / 3)).toEqual({ verdict: 'tooFew' });
  const { after } = hourAnd(1, { ...USUAL, pages: 10, errors: 500 });
  expect(judgeBalancer({ before: [], after }, 1 / 3)).toEqual({ verdict: 'tooFew' });
});

it('reads the hour before, and whole minutes after whose metrics are complete', async () => {
  const counts = { requests: 30, target3xx: 3, target4xx: 2, target5xx: 1, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 };
  const asked: number[][] = [];
  const responses = async (fromMs: number, toMs: number) => {
    asked.push([fromMs, toMs]);
    return Array.from({ length: 70 }, (_, at) => ({ minuteMs: at * MINUTE_MS, ...counts }));
  };
  const registeredAtMs = 60 * MINUTE_MS + 30_000;
  const { before, after } = await lookAtBalancer(
    responses,
    { firstMs: registeredAtMs, registeredAtMs, nowMs: 64 * MINUTE_MS + 20_000 },
    [],
  );
  expect(asked).toEqual([[0, 63 * MINUTE_MS]]);
  expect(before).toHaveLength(60);
  expect(before[0]).toMatchObject({ minuteMs: 0, requests: 30 });
  const minutesOf = (read: readonly { minuteMs: number }[]) => read.map(({ minuteMs }) => minuteMs / MINUTE_MS);
  expect(minutesOf(after)).toEqual([61, 62]);
  const early = (seconds: number) =>
    lookAtBalancer(
      responses,
      { firstMs: 59 * MINUTE_MS, registeredAtMs: 60 * MINUTE_MS + 10_000, nowMs: 60 * MINUTE_MS + seconds * 1000 },
      [],
    );
  expect(minutesOf((await early(170)).after)).toEqual([60]);
  expect(minutesOf((await early(185)).after)).toEqual([61]);
});

it('minutes of deploys that failed are none to compare with: a release that was stopped is stopped again', async () => {
  const { before, after } = hourAnd(1, { pages: 300, redirects: 360, refusals: 12, errors: 0.2 });
  const minutes = [...before, ...after].map((one, at) => ({
    ...one,
    ...(at >= 30 && at < 36 && after[0]),
    ...{ minuteMs: at * MINUTE_MS, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
  }));
  const failed = { fromMs: 30.5 * MINUTE_MS, toMs: 35.5 * MINUTE_MS };
  const judged = async (deploys: readonly (typeof failed)[]) => {
    const read = await lookAtBalancer(
      async () => minutes,
      { firstMs: 60 * MINUTE_MS, registeredAtMs: 60 * MINUTE_MS, nowMs: 62 * MINUTE_MS + 1 },
      deploys,
    );
    return { minutes: read.before.length, verdict: judgeBalancer(read, 1 / 3).verdict };
  };
  expect(await judged([failed])).toEqual({ minutes: 54, verdict: 'hurt' });
  expect(await judged([])).toEqual({ minutes: 60, verdict: 'fine' });
});
