import { describe, expect, it } from 'vitest';
import type { FailoverSample } from '../../../../functions/collect/contract.ts';
import { reportFacts } from '../../../../functions/incidents/estimate/report-facts.ts';

const lastFailover: FailoverSample = {
  before: { atMs: 1_000, sessions: 10, lagBytes: 0, lagSeconds: 0, bytesPerSession: 400 },
  after: { atMs: 61_000, sessions: 10 },
  trend: null,
  stream: null,
  continuedFrom: null,
};
const readings = { takenAtMs: 0, facts: { reading: null, window: [], ageSeconds: null, lastFailover } };
const criticalActions = { takenAtMs: 0, facts: { fleets: [{ fleet: 'web', pending: 2 }] } };

describe('what the report adds', () => {
  it('is what the failover lost and what is pending', () => {
    expect(reportFacts({ firstSignMs: 61_000 + 9 * 60_000, sources: { readings, criticalActions } })).toEqual([
      expect.stringMatching(/^How many sessions the failover lost/),
      expect.stringMatching(/^2 critical actions of fleet web/),
    ]);
  });
  it.each([
    ['the failover was long before the first sign', { firstSignMs: 61_000 + 11 * 60_000, sources: { readings } }],
    [
      'the sources gave nothing',
      { firstSignMs: 61_000 + 9 * 60_000, sources: { readings: { gap: 'no' }, criticalActions: { gap: 'no' } } },
    ],
    ['they were not asked', { firstSignMs: 61_000 + 9 * 60_000, sources: {} }],
  ])('is nothing when %s', (_, evidence) => {
    expect(reportFacts(evidence)).toEqual([]);
  });
});
