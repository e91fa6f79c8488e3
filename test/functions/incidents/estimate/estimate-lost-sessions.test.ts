import { describe, expect, it } from 'vitest';
import type { FailoverSample } from '../../../../functions/collect/contract.ts';
import { describeLostSessions, estimateLostSessions } from '../../../../functions/incidents/estimate/report-facts.ts';

const AT = Date.parse('2026-11-22T03:12:00Z');
const sample = (change: Partial<FailoverSample> = {}): FailoverSample => ({
  before: { atMs: AT, sessions: 1_000, lagBytes: 2_000, lagSeconds: 1, bytesPerSession: 400 },
  after: { atMs: AT + 60_000, sessions: 990 },
  trend: { sessionsPerSecond: 0, spread: 0 },
  stream: { offset: 100_000, bytesPerSecond: 0 },
  continuedFrom: 150_000,
  ...change,
});

describe('sessions lost to a failover', () => {
  it.each([
    ['are those that are missing', sample(), { estimate: 10, low: 10, high: 10, from: 'both' }],
    [
      'are none when none is missing',
      sample({ after: { atMs: AT + 60_000, sessions: 1_030 } }),
      { estimate: 0, low: 0, high: 0, from: 'both' },
    ],
    [
      'may be more where users went on logging in',
      sample({ trend: { sessionsPerSecond: 0.1, spread: 0 } }),
      { estimate: 10, low: 10, high: 10, from: 'both' },
    ],
    [
      'may be more where users went on logging in, and the replica lagged',
      sample({ trend: { sessionsPerSecond: 0.1, spread: 0 }, before: { ...sample().before, lagBytes: 20_000 } }),
      { estimate: 10, low: 10, high: 16, from: 'both' },
    ],
    [
      'have a wide error where the number varies',
      sample({ trend: { sessionsPerSecond: 0, spread: 0.05 } }),
      { estimate: 0, low: 0, high: 10, from: 'both' },
    ],
    [
      'have no limit by offsets where the new primary did not continue the stream',
      sample({ continuedFrom: null }),
      { estimate: 10, low: 10, high: 10, from: 'counts' },
    ],
    ['are at most what was not acknowledged, without a trend', sample({ trend: null }), { estimate: 0, low: 0, high: 10, from: 'offsets' }],
    [
      'are at most what was written since, where the replica had lost its link',
      sample({ trend: null, before: { ...sample().before, lagSeconds: 30 }, stream: { offset: 100_000, bytesPerSecond: 100 } }),
      { estimate: 0, low: 0, high: 30, from: 'offsets' },
    ],
    [
      'include what the old primary had and the new one never had',
      sample({ trend: null, continuedFrom: 96_000 }),
      { estimate: 20, low: 0, high: 30, from: 'offsets' },
    ],
    [
      'are none by the bytes of a PING, which an idle primary writes',
      sample({ trend: null, continuedFrom: 99_986 }),
      { estimate: 0, low: 0, high: 11, from: 'offsets' },
    ],
    [
      'are small ones where the size is unknown',
      sample({ trend: null, before: { ...sample().before, bytesPerSession: null } }),
      { estimate: 0, low: 0, high: 20, from: 'offsets' },
    ],
    [
      'are more than replication explains',
      sample({ after: { atMs: AT + 60_000, sessions: 0 } }),
      { estimate: 1_000, low: 1_000, high: 1_000, from: 'disagree' },
    ],
    ['are unknown when nothing limits them', sample({ trend: null, stream: null }), undefined],
  ])('%s', (_, of, expected) => {
    expect(estimateLostSessions(of)).toEqual(expected);
  });

  it.each([
    [
      sample(),
      'The failover lost 10 sessions to asynchronous replication, by the counts and by what its replicas had not acknowledged (1000 sessions at 03:12:00 UTC, 990 at 03:13:00 UTC).',
    ],
    [sample({ trend: null }), /^The failover lost no session \(0 to 10\) to asynchronous replication, by what/],
    [sample({ trend: null, continuedFrom: 96_000 }), /^The failover lost about 20 sessions \(0 to 30\) to/],
    [sample({ trend: null, stream: null }), /^How many sessions the failover lost is not known: too few readings/],
    [sample({ after: { atMs: AT + 60_000, sessions: 0 } }), /more than asynchronous replication can explain/],
  ])('are a sentence of the report', (of, sentence) => {
    expect(describeLostSessions(of)).toMatch(sentence);
  });

  it("are never said to be fewer than servers' logs have: users had logged in again by the second count", () => {
    expect(describeLostSessions(sample(), 10)).toMatch(/^The failover lost 10 sessions/);
    expect(describeLostSessions(sample(), 35)).toMatch(
      /^The counts alone show at most 10 sessions that .* the servers' logs have 35 sampled sessions that were lost around it\.$/,
    );
    expect(describeLostSessions(sample({ after: { atMs: AT + 60_000, sessions: 1_030 } }), 35)).toMatch(
      /^The counts alone show no session /,
    );
  });
});
