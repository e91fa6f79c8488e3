import { describe, expect, it } from 'vitest';
import type { Incidence, TrafficReport } from '../../traffic/contract.ts';
import { figuresOf, isClean, isDriven, troubleSince, whyNotDriven } from '../../traffic/judge-traffic.ts';

const phase = { requests: 0, failed: 0, sessionsLost: 0, p50Ms: 0, p99Ms: 0 };
const report = (requests: number, more: Partial<TrafficReport> = {}): TrafficReport => ({
  ...{ users: 20, requests, failed: 0, sessions: 20, sessionsLost: 0, usersHurt: 0, elapsedMs: 10_000 },
  ...{ phases: { before: phase, during: phase, after: phase }, failures: {}, losses: {}, perServer: {}, perVersion: {}, failedBy: [] },
  ...more,
});
/** @param came how often each came, and the latest of them */
const incidence = (came: Readonly<Record<string, number>>, more: object = {}): Incidence => ({
  count: Object.values(came).reduce((sum, count) => sum + count, 0),
  examples: [],
  came: Object.fromEntries(Object.entries(came).map(([what, count]) => [what, { count, latest: { atMs: 1, path: '/count', ...more } }])),
});
const failures = (count: number, status = 404) => ({ unexpectedStatus: incidence({ [status]: count }) });

describe('whether traffic can drive an application', () => {
  it.each<[string, TrafficReport, boolean]>([
    ['nearly every request fails, as with a login page that answers 200', report(15_433, { failures: failures(15_413) }), true],
    ['every user is signed out again', report(40, { losses: { signedOut: incidence({ 401: 20 }) } }), true],
    ['the first seconds are not over', report(40, { failures: failures(40), elapsedMs: 5_000 }), false],
    ['a slow server has failed nothing', report(0), false],
    ['a few requests failed', report(100, { failures: failures(10) }), false],
  ])('%s', (_when, given, hopeless) => {
    expect(whyNotDriven(given) !== undefined).toBe(hopeless);
  });

  it('is known once each user has counted, and most of it went well', () => {
    expect([isDriven(report(40)), isDriven(report(41)), isDriven(report(41, { failures: failures(21) }))]).toEqual([false, true, false]);
  });

  it('says why by the most frequent kind, with a sample', () => {
    const given = report(10, { failures: failures(2), losses: { signedOut: incidence({ 401: 3 }, { server: 's1' }) } });
    expect(whyNotDriven(given)).toContain(
      '5 of 10 requests failed. Most of them: logged out with 401, such as /count, from s1. It asks for POST /login and GET /count',
    );
    expect(whyNotDriven(given, 'shop.json')).toMatch(/from s1\. It follows shop\.json, whose parts docs\/canary\.md describes$/);
  });
});

describe('trouble since an earlier report', () => {
  it('is what failed since then', () => {
    const earlier = report(1_000, { failures: failures(200) });
    const timeouts = { ...failures(201), timeout: incidence({ 'no answer': 50 }) };
    expect(troubleSince(earlier, report(1_100, { failures: timeouts }))).toBe(
      '51 of the last 100 requests failed. Most of them: no answer in time, such as /count',
    );
  });

  it('is what came since then, although another status of its class came more often before', () => {
    const of5xx = (bad: number, failed: number) =>
      report(1_000 + failed, { failures: { serverError: incidence({ 502: bad, 500: failed }) } });
    expect(troubleSince(of5xx(300, 0), of5xx(300, 80))).toBe('80 of the last 80 requests failed. Most of them: 500, such as /count');
  });

  it('is not a single request, and not what failed before', () => {
    const earlier = report(1_000, { failures: failures(200) });
    expect(troubleSince(earlier, report(2_000, { failures: failures(201) }))).toBeUndefined();
    expect(troubleSince(undefined, report(1_000))).toBeUndefined();
  });

  it('of none at all is clean', () => {
    expect([isClean(report(5)), isClean(report(5, { failures: failures(1) }))]).toEqual([true, false]);
  });
});

describe('the last line', () => {
  it('sums up everything since the beginning, users who were logged out included, by what came', () => {
    const serverError = incidence({ 502: 12, 500: 300 });
    const given = report(2_000, { failed: 312, sessionsLost: 5, failures: { serverError }, losses: { signedOut: incidence({ 401: 14 }) } });
    expect(figuresOf(given)).toBe('2000 requests, 326 failed (300 × 500, 14 × logged out with 401, 12 × 502), 5 of 20 sessions lost');
  });

  it('of healthy traffic is short', () => {
    expect(figuresOf(report(5))).toBe('5 requests, 0 failed, 0 of 20 sessions lost');
    expect(figuresOf(undefined)).toBe('no figures, as it ended before the first report');
  });
});
