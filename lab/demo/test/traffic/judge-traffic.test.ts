import { describe, expect, it } from 'vitest';
import type { TrafficReport } from '../../traffic/contract.ts';
import { isClean, isDriven, troubleSince, whyNotDriven } from '../../traffic/judge-traffic.ts';

const phase = { requests: 0, failed: 0, sessionsLost: 0, p50Ms: 0, p99Ms: 0 };
const report = (requests: number, more: Partial<TrafficReport> = {}): TrafficReport => ({
  ...{ users: 20, requests, failed: 0, sessions: 20, sessionsLost: 0, elapsedMs: 10_000 },
  ...{ phases: { before: phase, during: phase, after: phase }, failures: {}, losses: {}, perServer: {}, perVersion: {}, failedBy: [] },
  ...more,
});
const failures = (count: number, status = 404) => ({ unexpectedStatus: { count, examples: [{ atMs: 1, path: '/count', status }] } });

describe('whether traffic can drive an application', () => {
  it.each<[string, TrafficReport, boolean]>([
    ['nearly every request fails, as with a login page that answers 200', report(15_433, { failures: failures(15_413) }), true],
    [
      'every user is signed out again',
      report(40, { losses: { signedOut: { count: 20, examples: [{ atMs: 1, path: '/count', status: 401 }] } } }),
      true,
    ],
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
    const losses = { signedOut: { count: 3, examples: [{ atMs: 1, path: '/count', status: 401, server: 's1' }] } };
    expect(whyNotDriven(report(10, { failures: failures(2), losses }))).toContain(
      '5 of 10 requests failed. Most of them: signedOut, such as /count with status 401, from s1. It needs POST /login and GET /count',
    );
  });
});

describe('trouble since an earlier report', () => {
  it('is what failed since then', () => {
    const earlier = report(1_000, { failures: failures(200) });
    const timeouts = { ...failures(201), timeout: { count: 50, examples: [{ atMs: 1, path: '/count' }] } };
    expect(troubleSince(earlier, report(1_100, { failures: timeouts }))).toBe(
      '51 of the last 100 requests failed. Most of them: timeout, such as /count without an answer',
    );
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
