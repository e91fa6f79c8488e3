import { describe, expect, it } from 'vitest';
import type { Lookups, StoreReading } from '../../../functions/collect/contract.ts';
import { readNode } from '../../../functions/collect/read-node.ts';
import { selectMetrics } from '../../../functions/collect/select-metrics.ts';
import { takeReading } from '../../../functions/collect/take-reading.ts';
import { primaryInfo } from './info.ts';

const HOUR = 3_600_000;
const { reading: plain } = takeReading(
  {
    nodes: [readNode('a:1', primaryInfo({ db0: 'keys=10,expires=10' }))],
    failed: [],
    shares: undefined,
    baseline: undefined,
    swept: [0],
    startedAtMs: 0,
    nowMs: 100 * HOUR,
    sampleSeconds: 300,
  },
  undefined,
);
const WELL: StoreReading = { ...plain, hitRatePercent: 99, evictions: 0, sweepAgeSeconds: 60 };
const OVERDUE_AFTER = { ageSeconds: 93_600, answerSeconds: 10_800 };
/** A minute of lookups in a store whose keys with a TTL are sessions. */
const LOOKUP = { found: 9, missed: 1, net: 0, sessions: 10 };
const LOOKUPS: Lookups = { samples: [LOOKUP], usual: 9 };
const namesOf = (more: Partial<StoreReading>, lookups?: Lookups) =>
  selectMetrics({ ...WELL, ...more }, { watchedSinceMs: 99 * HOUR, ...(lookups && { lookups }) }, OVERDUE_AFTER, 1).map(({ name }) => name);

describe('a healthy store', () => {
  it('costs two metrics', () => {
    expect(namesOf({})).toEqual(['HitRatePercent', 'ActiveSessions']);
  });
});

it.each<[string, Partial<StoreReading>, Partial<StoreReading>]>([
  ['MemoryPercent', { memoryPercent: 50 }, { memoryPercent: 49.9 }],
  ['SecondsUntilFull', { secondsUntilFull: 172_799, memoryPercent: 50 }, { secondsUntilFull: 172_800, memoryPercent: 50 }],
  // A store that is nearly empty has hours to grow, and its trend says little.
  ['SecondsUntilFull', { secondsUntilFull: 3_600, memoryPercent: 50 }, { secondsUntilFull: 3_600, memoryPercent: 49.9 }],
  ['RefusedWrites', { refusedWrites: 1 }, { refusedWrites: 0 }],
  ['RefusedWrites', { refusedWrites: 1 }, { refusedWrites: null }],
  ['EngineCpuPercent', { engineCpuPercent: 50 }, { engineCpuPercent: 49 }],
  ['Evictions', { evictions: 1 }, { evictions: 0 }],
  ['SessionsWithoutTtl', { withoutTtl: 1 }, { withoutTtl: 0 }],
  ['SweepUnrepaired', { unrepaired: 1 }, { unrepaired: 0 }],
  ['HitRateDropPoints', { hitRateDropPoints: 5 }, { hitRateDropPoints: 4.9 }],
  ['SessionDropPercent', { sessionDropPercent: 10 }, { sessionDropPercent: 9.9 }],
  ['ReplicationLagSeconds', { replicationLagSeconds: 2 }, { replicationLagSeconds: 1 }],
  ['Failovers', { failovers: 1 }, { failovers: 0 }],
  ['ConnectionsPercent', { connectionsPercent: 10 }, { connectionsPercent: 9 }],
  ['AuthenticationFailures', { authenticationFailures: 1 }, { authenticationFailures: null }],
  ['SweepOverdueSeconds', { sweepAgeSeconds: 93_601 }, { sweepAgeSeconds: 93_600 }],
])('%s is published from its threshold on', (name, trouble, healthy) => {
  expect(namesOf(trouble, LOOKUPS)).toContain(name);
  expect(namesOf(healthy, LOOKUPS)).not.toContain(name);
});

describe('a sweep that never ran', () => {
  it('is overdue, counted from the first reading of the store', () => {
    const at = (watchedSinceMs: number) =>
      selectMetrics({ ...WELL, sweepAgeSeconds: null }, { watchedSinceMs }, OVERDUE_AFTER, 1).map(({ name }) => name);
    expect(at(99 * HOUR)).not.toContain('SweepOverdueSeconds');
    expect(at(73 * HOUR)).toContain('SweepOverdueSeconds');
  });
});

describe('keys without a TTL that pile up', () => {
  it.each([
    ['for three hours, and no sweep has come since', 97, 4 * 3_600, true],
    ['for three hours, and a sweep has come since', 97, 2 * 3_600, false],
    ['for two hours', 98, 4 * 3_600, false],
  ])('%s', (_, pilingSinceHour, sweepAgeSeconds, isOverdue) => {
    const since = { watchedSinceMs: 0, pilingSinceMs: pilingSinceHour * HOUR - 1_000 };
    const names = selectMetrics({ ...WELL, withoutTtl: 500, sweepAgeSeconds }, since, OVERDUE_AFTER, 1).map(({ name }) => name);
    expect(names.includes('SweepOverdueSeconds')).toBe(isOverdue);
  });
});

it('publishes no metric of what is not known', () => {
  expect(namesOf({ hitRatePercent: null, memoryPercent: null })).toEqual(['ActiveSessions']);
});

describe('lookups of which many can be of keys that are no sessions', () => {
  const drop: Partial<StoreReading> = { hitRateDropPoints: 30 };

  it('publish not that they find less', () => {
    expect(namesOf(drop, { samples: [LOOKUP], usual: 60 })).toContain('HitRateDropPoints');
    expect(namesOf(drop, { samples: [{ ...LOOKUP, net: null }], usual: 60 })).not.toContain('HitRateDropPoints');
  });
});

describe('sessions that became fewer', () => {
  const samples = (net: number) => Array.from({ length: 8 }, () => ({ ...LOOKUP, net }));

  it('are no drop where they timed out and others begin', () => {
    expect(namesOf({ sessionDropPercent: 80 }, { samples: samples(1), usual: 9 })).not.toContain('SessionDropPercent');
    expect(namesOf({ sessionDropPercent: 80 }, { samples: samples(0), usual: 9 })).toContain('SessionDropPercent');
    expect(namesOf({ sessionDropPercent: 80 })).toContain('SessionDropPercent');
  });
});
