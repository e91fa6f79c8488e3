import { expect, it } from 'vitest';
import { renderReading } from '../../cli/render-reading.ts';
import { READING } from './readings.ts';

const render = (more: Partial<typeof READING> = {}) => renderReading({ ...READING, ageSeconds: 12, stale: false, ...more }).split('\n');

it('says how the store is, estimates named as such', () => {
  expect(render()).toEqual([
    'taken        2026-11-20T09:00:00.000Z, 12 s ago',
    'sessions     1,204 active (estimate by the sweep of 3.0 h ago), 1,254 keys',
    'hit rate     99.1 %',
    'without TTL  3 keys, and 50 that are meant to have none',
    'memory       40.0 %: 600.0 MB of 1.5 GB, 2.0 kB a session',
    'full         in 3.1 days (12.0 MB an hour)',
    'replication  2 replicas, the slowest 1 s and 512 B behind',
    'evictions    0 since the reading before',
    'connections  12 on one node, 1.2 % of what it takes',
    'refused      0 log-ins since the reading before',
    'node         one:6379 primary',
    'node         two:6379 was not read: Error: connect ETIMEDOUT',
    'largest      by the sweep of 3.0 h ago; every session was weighed',
    '             41.0 kB connect-redis f00d',
  ]);
});

it.each<[string, Partial<typeof READING>, string]>([
  ['no lookups', { hitRatePercent: null }, 'hit rate     nothing was looked up'],
  ['a drop', { hitRatePercent: 60, hitRateDropPoints: 39 }, 'hit rate     60.0 %, 39.0 points below what is usual'],
  ['no sweep', { activeSessionsFrom: 'keys' }, 'sessions     1,204 active (no sweep has been: every key counts as a session), 1,254 keys'],
  ['no baseline', { structural: null }, 'without TTL  3 keys; no sweep has told which of them are meant to have none'],
  ['no limit of memory', { memoryMaxBytes: null, memoryPercent: null }, 'memory       600.0 MB, without a limit, 2.0 kB a session'],
  ['no growth', { secondsUntilFull: null, growthBytesPerHour: -2_000 }, 'full         not in sight (-2.0 kB an hour)'],
  ['no trend yet', { secondsUntilFull: null, growthBytesPerHour: null }, 'full         not in sight (not enough readings for a trend)'],
  ['no replica', { replicationLagSeconds: null }, 'replication  no replica is linked'],
  ['a sample', { largestSessionsOneIn: 64 }, 'largest      by the sweep of 3.0 h ago; one in 64 sessions was weighed'],
  ['a failover', { failovers: 1 }, 'failover     the primary is another process than at the reading before'],
  ['an engine that does not count', { authenticationFailures: null }, 'refused      not known log-ins since the reading before'],
])('says %s', (_title, more, line) => {
  expect(render(more)).toContain(line);
});
