/** What the load balancer counts as a redirect, and the servers' own status counts keep apart. */
import { expect, it } from 'vitest';
import { inTrouble } from '../../../../functions/incidents/classify/facts/in-trouble.ts';
import { access, evidence, minutesWith, server } from '../healthy-evidence.ts';

const traffic = minutesWith(5, { target3xx: 60 });
const withStatuses = (...statuses: readonly Record<string, number>[]) =>
  evidence({
    traffic,
    servers: { servers: statuses.map((counts, index) => server(`i-${index}`, { access: access(`i-${index}`, { statuses: counts }) })) },
  });
const CACHED = { 200: 400, 304: 590, 302: 10 };
const REDIRECTED = { 200: 400, 302: 600 };

it('is a rise of redirects where the servers answered 302', () => {
  expect(inTrouble('redirects')(withStatuses(REDIRECTED, REDIRECTED))).toMatchObject({ truth: true });
});

it('is none where nearly all of their 3xx are 304: browsers have the page in their cache', () => {
  expect(inTrouble('redirects')(withStatuses(CACHED, CACHED))).toMatchObject({ truth: false });
});

it('is a rise where the servers say nothing of their answers', () => {
  const silent = evidence({ traffic, servers: { servers: [{ instanceId: 'i-0', gap: 'the agent is offline' }] } });
  expect(inTrouble('redirects')(silent)).toMatchObject({ truth: true });
  expect(inTrouble('redirects')(withStatuses({ 200: 400 }))).toMatchObject({ truth: true });
});

it('is not talked away by one server of three, nor by one of two: 304 counts by the lower middle of their shares', () => {
  const liar = { 304: 1_000_000_000 };
  expect(inTrouble('redirects')(withStatuses(liar, REDIRECTED, REDIRECTED))).toMatchObject({ truth: true });
  expect(inTrouble('redirects')(withStatuses(liar, REDIRECTED))).toMatchObject({ truth: true });
});
