import { expect, it } from 'vitest';
import { createTraffic } from '../../../../functions/incidents/collect/collect-balancer.ts';
import type { ResponseMinute } from '../../../../functions/shared/aws/balancer-metrics.ts';
import { BALANCER, factsOf, fleet, GROUP, MINUTE_MS, request, SIGN_MS } from './request.ts';

const DRAIN_GROUP = `${GROUP}-drain`;
const minute = (minuteMs: number, more: Partial<ResponseMinute> = {}): ResponseMinute => ({
  minuteMs,
  ...{ requests: 100, target3xx: 5, target4xx: 1, target5xx: 0, elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
  ...more,
});
/** Usual until five minutes before the first sign; then every other user is sent to the login page. */
const hour = Array.from({ length: 60 }, (_, at) => {
  const atMs = SIGN_MS - (60 - at) * MINUTE_MS;
  return minute(atMs, atMs >= SIGN_MS - 5 * MINUTE_MS ? { target3xx: 50 } : {});
});

const DAY_MS = 24 * 60 * MINUTE_MS;
const NOW_MS = SIGN_MS + MINUTE_MS;
interface Planted {
  readonly arn?: string;
  readonly fromMs?: number;
  readonly days?: readonly ResponseMinute[] | Error;
  readonly groups?: readonly string[] | Error;
}

const orThrow = <T>(value: T | Error): T => {
  if (value instanceof Error) throw value;
  return value;
};

const collect = (minutes: readonly ResponseMinute[], { arn = BALANCER, fromMs, days = [], groups = [GROUP] }: Planted = {}) =>
  createTraffic({
    fleets: { web: fleet({ drainTargetGroupArn: DRAIN_GROUP }) },
    front: () => ({
      describe: async () => (arn === '' ? {} : { loadBalancerArn: arn }),
      targetGroups: async () => orThrow(groups),
    }),
    responses: () => async (from, to) =>
      (to < NOW_MS - DAY_MS / 2 ? orThrow(days) : minutes).filter(({ minuteMs }) => minuteMs >= from && minuteMs < to),
    now: () => NOW_MS,
  })(request({ ...(fromMs !== undefined && { fromMs }) }));

it('says so where there were no requests before, with which the trouble could be compared', async () => {
  expect(await collect(hour)).not.toHaveProperty('gaps');
  expect(await collect(hour.slice(-10))).toMatchObject({ gaps: [expect.stringContaining('nothing can be compared')] });
});

it('names how late CloudWatch is', async () => {
  expect(await collect(hour.slice(0, -3))).toMatchObject({ gaps: ['the latest minute that CloudWatch has is 2026-11-21T09:56:00.000Z'] });
});

it.each([
  ['no request is published', [], BALANCER, 'no request since 2026-11-21T09:00:00.000Z'],
  ['no listener forwards to the group', hour, '', 'no listener'],
])('is a gap when %s', async (_title, minutes, arn, gap) => {
  expect(await collect(minutes, { arn })).toEqual({ gap: expect.stringContaining(gap) });
});

it('keeps each minute that is whole, as CloudWatch counts it, from the hour before the first sign', async () => {
  const { byMinute } = factsOf(await collect(hour, { fromMs: SIGN_MS }));
  expect(byMinute).toEqual(hour.slice(0, -1));
  expect(byMinute?.at(-1)).toEqual({
    ...{ minuteMs: SIGN_MS - 2 * MINUTE_MS, requests: 100, target3xx: 50, target4xx: 1, target5xx: 0 },
    ...{ elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
  });
});

it('sums the same minutes of earlier days, where CloudWatch has them', async () => {
  const yesterday = hour.map((one) => ({ ...one, minuteMs: one.minuteMs - DAY_MS, elb4xx: 2 }));
  const aWeekAgo = [minute(SIGN_MS - 30 * MINUTE_MS - 7 * DAY_MS, { target5xx: 3, elb5xx: 4 }), minute(SIGN_MS - 7 * DAY_MS)];
  expect(factsOf(await collect(hour, { days: [...aWeekAgo, ...yesterday] })).usual).toEqual([
    // The hour has 60 minutes, of which the last one was not whole today.
    { minutes: 59, requests: 5_900, target3xx: 55 * 5 + 4 * 50, target4xx: 59, target5xx: 0, elb4xx: 118, elb5xx: 0 },
    { minutes: 1, requests: 100, target3xx: 5, target4xx: 1, target5xx: 3, elb4xx: 0, elb5xx: 4 },
  ]);
});

it.each([
  [[GROUP, DRAIN_GROUP], false],
  [[GROUP, DRAIN_GROUP, `${GROUP}-of-others`], true],
])('shows whether the load balancer’s own counts can be of other target groups', async (groups, balancerShared) => {
  expect(factsOf(await collect(hour, { groups }))).toMatchObject({ balancerShared });
});

it('names what it could not read next to the minutes, and keeps these', async () => {
  const collected = await collect(hour, { days: new Error('Throttling'), groups: new Error('AccessDenied') });
  expect(Object.keys(factsOf(collected))).toEqual(['byMinute']);
  expect(collected).toMatchObject({
    gaps: [
      'the requests of the days before could not be read: Error: Throttling',
      'whether others use the load balancer could not be read: Error: AccessDenied',
    ],
  });
});
