/** What the load balancer's minutes show of people: refusals on top of as much as before, and requests that do not come. */
import { describe, expect, it } from 'vitest';
import { troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { access, evidence, FROM_MS, NOW_MS, server, traces } from '../healthy-evidence.ts';

const MINUTE = 60_000;
const NONE = { target3xx: 5, target4xx: 1, target5xx: 0, elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 };
const MINUTES = Math.floor((NOW_MS - FROM_MS) / MINUTE) - 2;
const DAYS = ([1, 2, 7] as const).map((daysAgo) => ({
  daysAgo,
  minutes: MINUTES,
  requests: MINUTES * 100,
  ...NONE,
  target3xx: MINUTES * 5,
}));

/** @param of the minute so many minutes before the end */
const evidenceOf = (of: (before: number) => object) =>
  evidence({
    traffic: {
      byMinute: Array.from({ length: MINUTES }, (_, at) => ({
        ...{ minuteMs: FROM_MS + at * MINUTE, requests: 100, ...NONE },
        ...of(MINUTES - at),
      })),
      usual: DAYS,
    },
  });
const channelsOf = (of: (before: number) => object) => troubleOf(evidenceOf(of)).channels;

describe('refusals of the load balancer itself', () => {
  it('are people’s where fewer requests are answered well', () => {
    const { balancerRefusals } = channelsOf((before) => (before <= 15 ? { requests: 80, elb4xx: 20 } : {}));
    expect(balancerRefusals).toMatchObject({ state: 'acute' });
    expect(balancerRefusals).not.toHaveProperty('isPerhaps');
  });

  it('are perhaps people’s, who try again, where as many are answered well', () => {
    expect(channelsOf((before) => (before <= 15 ? { elb4xx: 11 } : {})).balancerRefusals).toMatchObject({
      state: 'acute',
      isPerhaps: true,
    });
  });
});

/** Ten minutes after which people ask for a third less; machines take one page after another, and keep no cookie. */
function askingLess(machines: number) {
  const since = NOW_MS - 15 * MINUTE;
  const minutes = Array.from({ length: MINUTES }, (_, at) => FROM_MS + at * MINUTE);
  const isLess = (minuteMs: number) => minuteMs >= since;
  const logOf = (id: string) =>
    access(id, {
      byMinute: minutes.map((minuteMs) => ({
        ...{ minuteMs, requests: isLess(minuteMs) && machines === 0 ? 30 : 45, redirects: 2, clientErrors: 0, serverErrors: 0 },
      })),
      sessions: {
        ...traces(id, 20, { firstMs: FROM_MS }),
        ...Object.assign(
          {},
          ...minutes.filter(isLess).map((at) => traces(`${id}-${at}`, machines, { firstMs: at, lastMs: at, requests: 0, begins: true })),
        ),
      },
    });
  const byMinute = minutes.map((minuteMs) => ({
    ...{ minuteMs, ...NONE },
    requests: isLess(minuteMs) ? (machines === 0 ? 60 : 90 + 2 * machines) : 90,
  }));
  return evidence({
    servers: { servers: ['i-1', 'i-2'].map((id) => server(id, { access: logOf(id) })) },
    traffic: { byMinute, usual: DAYS },
  });
}

describe('people who are there and ask for less', () => {
  it('can be hurt: perhaps some of it does not arrive', () => {
    expect(troubleOf(askingLess(0)).channels.requests).toMatchObject({ state: 'acute', isPerhaps: true });
  });

  it('are not the machines whose sessions nothing names again', () => {
    expect(troubleOf(askingLess(30)).kind).toBe('none');
  });
});

describe('requests that do not come', () => {
  it('are trouble where they fell at once', () => {
    const { requests } = channelsOf((before) => (before <= 12 ? { requests: 10 } : {}));
    expect(requests).toMatchObject({ state: 'acute' });
    expect(requests).not.toHaveProperty('untilMs');
  });

  it('are perhaps some that did not, where they come again', () => {
    const { requests } = channelsOf((before) => (before <= 20 && before > 8 ? { requests: 10 } : {}));
    expect(requests).toMatchObject({ state: 'acute', isPerhaps: true, untilMs: expect.any(Number) });
  });

  it.each([
    ['a holiday', (before: number) => (before > MINUTES - 3 ? 50 : 30)],
    ['an evening', (before: number) => 20 + before],
  ])('are none on %s', (_, requests) => {
    expect(channelsOf((before) => ({ requests: Math.round(requests(before)) })).requests).toMatchObject({ state: 'usual' });
  });
});
