import { expect, it } from 'vitest';
import { renderReading, withAge } from '../../../cli/store/render-reading.ts';
import { READING } from './readings.ts';

const OTHER = { database: 3, keys: 20, expires: 5, isSwept: false };
const render = (more: Partial<typeof READING> = {}) =>
  renderReading({ ...READING, ageSeconds: 12, stale: false, unreachable: null, ...more }).split('\n');

it('shows the state of the store, with estimates marked as such', () => {
  expect(render()).toEqual([
    'taken        2026-11-20T09:00:00.000Z, 12 s ago',
    'sessions     1,204 active (estimated by the sweep of 3.0 h ago), 1,254 keys',
    'hit rate     99.1 %',
    'without TTL  3 keys, and 62 left on purpose, 50 of them by design',
    'memory       40.0 %: 600.0 MB of 1.5 GB, 2.0 kB per session',
    'full         in 3.1 days (12.0 MB per hour)',
    'replication  2 replicas, the slowest is 1 s and 512 B behind',
    'evictions    0 since the previous reading',
    'connections  at most 12 on one node, 1.2 % of its limit',
    'refused      0 logins since the previous reading',
    'writes       0 refused since the previous reading',
    'engine       12.5 % of one thread, on one:6379',
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
  [
    'no baseline',
    { leftOnPurpose: null, structural: null },
    'without TTL  3 keys; no full sweep yet (dry runs do not count), so some may have none by design',
  ],
  [
    'keys that a sweep could not repair',
    { unrepaired: 2 },
    'without TTL  3 keys, 2 of which the last sweep could not repair, and 62 left on purpose, 50 of them by design',
  ],
  [
    'a database that is not swept',
    { databases: [...READING.databases, OTHER] },
    'database 3   20 keys, 15 without TTL; not in store.databases: never changed, no alarm',
  ],
  ['no limit of memory', { memoryMaxBytes: null, memoryPercent: null }, 'memory       600.0 MB, no limit, 2.0 kB per session'],
  ['no growth', { secondsUntilFull: null, growthBytesPerHour: -2_000 }, 'full         not expected (-2.0 kB per hour)'],
  ['no trend yet', { secondsUntilFull: null, growthBytesPerHour: null }, 'full         unknown: too few readings for a trend'],
  ['no replica', { replicationLagSeconds: null }, 'replication  no replica is connected'],
  ['a sample', { largestSessionsSampledOneIn: 64 }, 'largest      sweep of 3.0 h ago; one in 64 sessions was measured'],
  [
    'a shard without a primary',
    { shardsWithoutPrimary: 1 },
    'UNREACHABLE  1 shard has no primary that answers: its sessions are in no value below; see docs/runbook/at-night.md#store-unreachable',
  ],
  ['a failover', { failovers: 1 }, 'failover     the primary has changed since the previous reading'],
  [
    'an engine that does not count rejected logins',
    { authenticationFailures: null, countsAuthenticationFailures: false },
    'refused      unknown: this engine does not count refused logins, as Valkey and Redis from 7.2 on do. ElastiCache does: see its metric AuthenticationFailures',
  ],
])('shows %s', (_title, more, line) => {
  expect(render(more)).toContain(line);
});

const MINUTE_MS = 60_000;
const TAKEN_MS = READING.takenAtMs;
const FAILED = [{ name: 'one:6379', error: 'Error: connect ECONNREFUSED' }];

/** Minutes after the latest reading: when the collector found no primary first and last, and now. */
it.each<[string, [first: number, last: number] | undefined, number, boolean, string]>([
  ['is of now a minute later', undefined, 1, false, 'taken        2026-11-20T09:00:00.000Z, 60 s ago'],
  [
    'of a collector that no longer runs is stale',
    undefined,
    10,
    true,
    'taken        2026-11-20T09:00:00.000Z, 10 min ago, STALE: the collector has stopped, see docs/runbook/at-night.md#collector-silent',
  ],
  [
    'of an unreachable store is stale from the first failure on',
    [1, 2],
    2,
    true,
    'UNREACHABLE  since 2026-11-20T09:01:00.000Z, 60 s: no primary answers (one:6379: Error: connect ECONNREFUSED); see docs/runbook/at-night.md#store-unreachable',
  ],
  [
    'of an unreachable store does not accuse the collector',
    [1, 10],
    10,
    true,
    'taken        2026-11-20T09:00:00.000Z, 10 min ago, STALE: before the store became unreachable',
  ],
  [
    'of an unreachable store, and a collector that stopped then, names both',
    [1, 3],
    15,
    true,
    'UNREACHABLE  since 2026-11-20T09:01:00.000Z, 14 min: no primary answers (one:6379: Error: connect ECONNREFUSED) when the collector last ran, 12 min ago; the collector has stopped, see docs/runbook/at-night.md#collector-silent',
  ],
  ['after an outage is of now', [-9, -1], 1, false, 'taken        2026-11-20T09:00:00.000Z, 60 s ago'],
])('a reading %s', (_, outage, nowMinutes, stale, line) => {
  const at = (minutes: number) => TAKEN_MS + minutes * MINUTE_MS;
  const seen = outage && { sinceMs: at(outage[0]), seenAtMs: at(outage[1]), failed: FAILED };
  const aged = withAge(READING, seen, at(nowMinutes));
  expect([aged.stale, renderReading(aged).split('\n')]).toEqual([stale, expect.arrayContaining([line])]);
});
