import { describe, expect, it } from 'vitest';
import { isGreen } from '../deploy-under-traffic.ts';
import { renderSummary, summarize } from '../summary.ts';
import type { TrafficReport } from '../traffic/contract.ts';

const phase = (p50Ms: number) => ({ requests: 1, failed: 0, sessionsLost: 0, seconds: 1, p50Ms, p99Ms: p50Ms * 10, maxMs: 1 });
const REPORT: TrafficReport = {
  failedBy: [],
  users: 200,
  requests: 9_000,
  failed: 1,
  sessions: 199,
  sessionsLost: 2,
  usersHurt: 2,
  elapsedMs: 1,
  phases: { before: phase(1), during: phase(2), after: phase(3) },
  failures: {},
  losses: {},
  perServer: {},
  perVersion: {},
};
const ENDED = { status: 'SUCCEEDED', executionArn: 'arn', seconds: 12.34 };
const PLAN = { from: '1.0.5', to: '1.1.0', targets: 2 };
const FAILED = { status: 'FAILED', executionArn: 'arn', seconds: 0, error: 'BakeFailed', message: 'it burns' };
const VERSIONS = { from: '1.0.0', to: '1.1.0' };

describe('summarize', () => {
  it("counts the targets that were planned, and takes latencies of the traffic's phases", () => {
    expect(summarize({ ...ENDED, plan: PLAN }, REPORT, VERSIONS)).toEqual({
      deploy: { ...ENDED, from: '1.0.5', to: '1.1.0', targets: 2 },
      traffic: {
        users: 200,
        requests: 9_000,
        failed: 1,
        sessions: 199,
        sessionsLost: 2,
        sessionsWentBack: 0,
        p50Ms: 2,
        p99Ms: 20,
        p50MsBefore: 1,
        p99MsBefore: 10,
      },
    });
  });

  it('of a failed deploy has the reason and no rolled target', () => {
    expect(summarize(FAILED, REPORT, VERSIONS).deploy).toEqual({ ...FAILED, from: '1.0.0', to: '1.1.0', targets: 0 });
  });
});

describe('renderSummary', () => {
  const rest = { realTime: false, setupSeconds: 20.04, totalSeconds: 50, peakRssMb: 912.7 };
  const summary = { ...summarize({ ...ENDED, plan: PLAN }, REPORT, VERSIONS), ...rest };

  it('shows why a deploy failed', () => {
    expect(renderSummary({ ...summarize(FAILED, REPORT, VERSIONS), ...rest })).toContain('1.0.0 → 1.1.0  FAILED: it burns');
  });

  it('counts the sessions that asynchronous replication set back separately', () => {
    const losses = { countWentBack: { count: 1, examples: [], came: {} }, signedOut: { count: 1, examples: [], came: {} } };
    const text = renderSummary({ ...summarize({ ...ENDED, plan: PLAN }, { ...REPORT, losses }, VERSIONS), ...rest });
    expect(text).toContain('lost 2, 1 of them to asynchronous replication');
    expect(renderSummary(summary)).not.toContain('replication');
  });

  it('shows every figure with its unit', () => {
    const text = renderSummary(summary);
    expect(text).toContain('1.0.5 → 1.1.0  SUCCEEDED');
    expect(text).toContain('2, in 12.3 s (local times are shortened; --real-time uses those of AWS)');
    expect(renderSummary({ ...summary, realTime: true })).toContain('2, in 12.3 s\n');
    expect(text).toContain('9000, failed 1');
    expect(text).toContain('199 of 200 users, lost 2');
    expect(text).toContain('latency during  p50 2.0 ms, p99 20.0 ms');
    expect(text).toContain('20.0 s of 50.0 s in total, peak memory 913 MB');
  });
});

it.each<[string, boolean, object, string?]>([
  ['without a lost session or a failed request', true, {}],
  ['with one lost session', false, { sessionsLost: 1 }],
  ['with one failed request', false, { failed: 1 }],
  ['with a user who had no session', false, { sessions: 199 }],
  ['whose deploy failed', false, {}, 'FAILED'],
])('a run %s is green: %s', (_, expected, traffic, status = 'SUCCEEDED') => {
  const { deploy, traffic: counted } = summarize({ ...ENDED, plan: PLAN }, REPORT, VERSIONS);
  const well = { ...counted, failed: 0, sessionsLost: 0, sessions: 200 };
  expect(isGreen({ deploy: { ...deploy, status }, traffic: { ...well, ...traffic } })).toBe(expected);
});
