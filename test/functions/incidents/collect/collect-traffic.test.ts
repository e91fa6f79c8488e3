import { expect, it } from 'vitest';
import { createTraffic, sharesOf } from '../../../../functions/incidents/collect/collect-traffic.ts';
import type { ResponseMinute } from '../../../../functions/shared/aws/balancer-metrics.ts';
import { BALANCER, factsOf, fleet, MINUTE_MS, request, SIGN_MS } from './request.ts';

const minute = (atMs: number, more: Partial<ResponseMinute> = {}): ResponseMinute => ({
  atMs,
  requests: 100,
  redirects: 5,
  clientErrors: 1,
  targetErrors: 0,
  balancerErrors: 0,
  ...more,
});
/** Usual until five minutes before the first sign; then every other user is sent to the login page. */
const hour = Array.from({ length: 60 }, (_, at) => {
  const atMs = SIGN_MS - (60 - at) * MINUTE_MS;
  return minute(atMs, atMs >= SIGN_MS - 5 * MINUTE_MS ? { redirects: 50 } : {});
});

const collect = (minutes: readonly ResponseMinute[], loadBalancerArn: string | undefined = BALANCER, fromMs?: number) =>
  createTraffic({
    fleets: { web: fleet() },
    front: () => ({ describe: async () => (loadBalancerArn === '' ? {} : { loadBalancerArn }) }),
    responses: () => async (fromMs, toMs) => minutes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs),
    now: () => SIGN_MS + MINUTE_MS,
  })(request({ ...(fromMs !== undefined && { fromMs }) }));

it('compares the trouble with the rest of the hour before', async () => {
  const collected = await collect(hour);
  expect(factsOf(collected)).toEqual({
    now: { requests: 500, minutes: 5, redirectPercent: 50, clientErrorPercent: 1, targetErrorPercent: 0, balancerErrorPercent: 0 },
    before: { requests: 5_000, minutes: 50, redirectPercent: 5, clientErrorPercent: 1, targetErrorPercent: 0, balancerErrorPercent: 0 },
  });
  expect(collected).not.toHaveProperty('gaps');
});

it('does not count minutes as usual in which an alarm can have been counting already', async () => {
  const early = hour.map((one) => (one.atMs >= SIGN_MS - 10 * MINUTE_MS ? { ...one, redirects: 50 } : one));
  expect(factsOf(await collect(early)).before?.redirectPercent).toBe(5);
});

it('compares with nothing where there were no requests before, and says so', async () => {
  const collected = await collect(hour.slice(-5));
  expect(factsOf(collected).before).toBeNull();
  expect(collected).toMatchObject({ gaps: [expect.stringContaining('nothing can be compared')] });
});

it('reads the hour before also where a person asks for the evidence since the first sign alone', async () => {
  expect(factsOf(await collect(hour, BALANCER, SIGN_MS)).before?.requests).toBe(5_000);
});

it('names how late CloudWatch is', async () => {
  expect(await collect(hour.slice(0, -3))).toMatchObject({ gaps: ['the latest minute that CloudWatch has is 2026-11-21T09:56:00.000Z'] });
});

it.each([
  ['no request is published', [], BALANCER, 'no request since 2026-11-21T09:55:00.000Z'],
  ['no listener forwards to the group', hour, '', 'no listener'],
])('is a gap when %s', async (_title, minutes, arn, gap) => {
  expect(await collect(minutes, arn)).toEqual({ gap: expect.stringContaining(gap) });
});

it('counts the load balancer’s own errors in all requests, since its counter has only those with a target', () => {
  expect(sharesOf([minute(0, { requests: 0, redirects: 0, clientErrors: 0, balancerErrors: 30 })])).toMatchObject({
    requests: 30,
    redirectPercent: 0,
    balancerErrorPercent: 100,
  });
  expect(sharesOf([])).toBeNull();
});
