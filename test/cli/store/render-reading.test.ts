import { expect, it } from 'vitest';
import { renderReading } from '../../../cli/store/render-reading.ts';
import { READING } from './readings.ts';

const render = (more: Partial<typeof READING> = {}) => renderReading({ ...READING, ageSeconds: 12, stale: false, ...more }).split('\n');

it('shows the state of the store, with estimates marked as such', () => {
  expect(render()).toEqual([
    'taken        2026-11-20T09:00:00.000Z, 12 s ago',
    'sessions     1,204 active (estimated by the sweep of 3.0 h ago), 1,254 keys',
    'hit rate     99.1 %',
    'without TTL  3 keys, and 50 that have none by design',
    'memory       40.0 %: 600.0 MB of 1.5 GB, 2.0 kB per session',
    'full         in 3.1 days (12.0 MB per hour)',
    'replication  2 replicas, the slowest is 1 s and 512 B behind',
    'evictions    0 since the previous reading',
    'connections  at most 12 on one node, 1.2 % of its limit',
    'rejected     0 logins since the previous reading',
    'node         one:6379 primary',
    'node         two:6379 was not read: Error: connect ETIMEDOUT',
    'largest      sweep of 3.0 h ago; every session was measured',
    '             41.0 kB connect-redis f00d',
  ]);
});

it.each<[string, Partial<typeof READING>, string]>([
  ['no lookups', { hitRatePercent: null }, 'hit rate     unknown: no lookups'],
  ['a drop', { hitRatePercent: 60, hitRateDropPoints: 39 }, 'hit rate     60.0 %, 39.0 points below normal'],
  ['no sweep', { activeSessionsFrom: 'keys' }, 'sessions     1,204 active (no sweep yet: every key counts as a session), 1,254 keys'],
  ['no baseline', { structural: null }, 'without TTL  3 keys; no sweep yet, so some may have none by design'],
  ['no limit of memory', { memoryMaxBytes: null, memoryPercent: null }, 'memory       600.0 MB, no limit, 2.0 kB per session'],
  ['no growth', { secondsUntilFull: null, growthBytesPerHour: -2_000 }, 'full         not expected (-2.0 kB per hour)'],
  ['no trend yet', { secondsUntilFull: null, growthBytesPerHour: null }, 'full         not expected (too few readings for a trend)'],
  ['no replica', { replicationLagSeconds: null }, 'replication  no replica is connected'],
  ['a sample', { largestSessionsSampledOneIn: 64 }, 'largest      sweep of 3.0 h ago; one in 64 sessions was measured'],
  ['a failover', { failovers: 1 }, 'failover     the primary has changed since the previous reading'],
  [
    'an engine that does not count rejected logins',
    { authenticationFailures: null },
    'rejected     unknown logins since the previous reading',
  ],
])('shows %s', (_title, more, line) => {
  expect(render(more)).toContain(line);
});
