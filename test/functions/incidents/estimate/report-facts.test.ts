import { describe, expect, it } from 'vitest';
import type { FailoverSample } from '../../../../functions/collect/contract.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import { reportFacts } from '../../../../functions/incidents/estimate/report-facts.ts';

const lastFailover: FailoverSample = {
  before: { atMs: 1_000, sessions: 10, lagBytes: 0, lagSeconds: 0, bytesPerSession: 400 },
  after: { atMs: 61_000, sessions: 10 },
  trend: null,
  stream: null,
  continuedFrom: null,
};
const readings = { takenAtMs: 0, facts: { reading: null, window: [], lastFailover } };
const criticalActions = { takenAtMs: 0, facts: { fleets: [{ fleet: 'web', pending: 2 }] } };

/** @param minutes after the failover's latest reading: the first sign */
const evidence = (minutes: number, sources: Evidence['sources']): Evidence => ({
  ...{ incidentId: 'inc-1', fromMs: 0, toMs: 61_000 + (minutes + 9) * 60_000, firstSignMs: 61_000 + minutes * 60_000 },
  sources,
});

describe('what the report adds', () => {
  it('is what the failover lost and what is pending', () => {
    expect(reportFacts(evidence(9, { readings, criticalActions }))).toEqual([
      expect.stringMatching(/^How many sessions the failover lost/),
      expect.stringMatching(/^2 critical actions of fleet web/),
    ]);
  });
  it.each([
    ['the failover was long before the first sign', 11, { readings }],
    ['the sources gave nothing', 9, { readings: { gap: 'no' }, criticalActions: { gap: 'no' } }],
    ['they were not asked', 9, {}],
  ] as const)('is nothing when %s', (_, minutes, sources) => {
    expect(reportFacts(evidence(minutes, sources))).toEqual([]);
  });
});
