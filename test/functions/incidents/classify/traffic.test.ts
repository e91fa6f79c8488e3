/** What the load balancer counts as a redirect, and the servers' own status counts keep apart. */
import { expect, it } from 'vitest';
import { trafficTurnedAway, turnedAwayPercent } from '../../../../functions/incidents/classify/facts/traffic.ts';
import { access, evidence, server } from '../healthy-evidence.ts';

const shares = (redirectPercent: number) => ({
  requests: 10_000,
  minutes: 10,
  redirectPercent,
  clientErrorPercent: 1,
  targetErrorPercent: 0,
  balancerErrorPercent: 0,
});
const traffic = { now: shares(60), before: shares(4) };
const withStatuses = (...statuses: readonly Record<string, number>[]) =>
  evidence({
    traffic,
    servers: { servers: statuses.map((counts, index) => server(`i-${index}`, { access: access(`i-${index}`, { statuses: counts }) })) },
  });
const CACHED = { 200: 400, 304: 590, 302: 10 };
const REDIRECTED = { 200: 400, 302: 600 };

it('is a rise of redirects where the servers answered 302', () => {
  expect(trafficTurnedAway(withStatuses(REDIRECTED, REDIRECTED))).toMatchObject({ truth: true });
});

it('is none where nearly all of their 3xx are 304: browsers have the page in their cache', () => {
  const judged = trafficTurnedAway(withStatuses(CACHED, CACHED));
  expect(judged).toMatchObject({ truth: false });
  expect(judged.text).toContain('304');
});

it('is a rise where the servers say nothing of their answers', () => {
  const silent = evidence({ traffic, servers: { servers: [{ instanceId: 'i-0', gap: 'the agent is offline' }] } });
  expect(trafficTurnedAway(silent)).toMatchObject({ truth: true });
  expect(trafficTurnedAway(withStatuses({ 200: 400 }))).toMatchObject({ truth: true });
});

it('is not talked away by one server of three, nor by one of two: 304 counts by the lower middle of their shares', () => {
  const liar = { 304: 1_000_000_000 };
  expect(trafficTurnedAway(withStatuses(liar, REDIRECTED, REDIRECTED))).toMatchObject({ truth: true });
  expect(trafficTurnedAway(withStatuses(liar, REDIRECTED))).toMatchObject({ truth: true });
});

it('is not known where the 304 of a whole hour could hide a rise of the last minutes', () => {
  // 600 redirects to the login page each, after an hour of cached pages: they can all be of the last minutes.
  const hour = { 200: 400, 304: 30_000, 302: 600 };
  expect(trafficTurnedAway(withStatuses(hour, hour))).toMatchObject({ truth: null });
  // One server that says nothing of its redirects does not rule them out.
  expect(trafficTurnedAway(withStatuses(hour, hour, { 304: 30_000 }))).toMatchObject({ truth: null });
});

it('takes the share of 304 out of the redirects, and leaves refusals', () => {
  expect(turnedAwayPercent(withStatuses({ 302: 30, 304: 30 }), shares(60))).toBe(31);
});
