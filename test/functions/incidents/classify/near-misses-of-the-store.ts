/** Causes that the store shows, but for one fact. */
import type { Cause } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import { access, dialect, IN_MEMORY, node, readingWith, SIGN_MS, server, traces, unreachable } from '../healthy-evidence.ts';
import { grownSweep } from './case.ts';
import { CASES } from './cases.ts';
import { unreadable } from './hint-situations.ts';
import { both, but, CACHE, CALM, type Changes, FEW_SESSIONS, GROWING, LOST_LONG_BEFORE, type NearMiss } from './near-miss.ts';
import { allServers, GONE, seen } from './situation.ts';

const unreadableWith = (changes: NonNullable<Changes>, what: string) =>
  but('unreadable-sessions', what, changes, unreadable({ namesSessions: 40 }));
const unreadableServers = (over: object): Facts['servers'] => {
  const { servers } = unreadable({ namesSessions: 40 }).sources;
  const known = servers && 'facts' in servers ? servers.facts.servers : [];
  return { servers: known.map((one) => ({ ...one, ...over })) };
};
const ROLLED_OVER = { sweeps: [{ sweepId: 's-1', startedAtMs: SIGN_MS - 120_000, status: 'SUCCEEDED', repaired: 900, shortened: 900 }] };
const shortenedBefore = [{ ...ROLLED_OVER.sweeps[0], startedAtMs: SIGN_MS - 60_000 }] as Facts['sweeps']['sweeps'];

const THE_STORE_AND_USERS: readonly NearMiss[] = [
  but('store-connection-failures', 'sessions are in memory', { balancer: IN_MEMORY }),
  but('store-connection-failures', 'the store and its way are well', { store: {}, servers: CALM }),
  but('store-connection-failures', 'the errors began later', {
    servers: seenWithErrorsAt(SIGN_MS + 6 * 60_000),
  }),
  but('store-full', 'sessions are in memory', { balancer: IN_MEMORY }),
  but('store-full', 'there is room', {
    store: { nodes: [node('node-1', 'primary', { policy: 'noeviction', rejectedWrites: 50 }), node('node-2', 'replica')] },
  }),
  but('store-full', 'no write was refused', {
    store: { nodes: [node('node-1', 'primary', { memoryUsedBytes: 99_000_000, policy: 'noeviction' }), node('node-2', 'replica')] },
  }),
  but('store-full', 'it deletes keys', { readings: readingWith({ evictions: 50 }) }),
  but('store-emptied', 'sessions are in memory', { balancer: IN_MEMORY }),
  but('store-emptied', 'the sessions are there', { readings: {} }),
  but('store-emptied', 'no user lost a session', { servers: CALM }),
  but('store-emptied', 'it deletes keys', { readings: readingWith({ activeSessions: 40, keys: 40, evictions: 400 }) }),
  but('store-emptied', 'a sweep shortened lives', { sweeps: ROLLED_OVER }),
  but('evictions', 'sessions are in memory', { balancer: IN_MEMORY }),
  but('evictions', 'nothing is deleted', { readings: {} }),
  but('evictions', 'the policy is noeviction', {
    store: { nodes: [node('node-1', 'primary', { memoryUsedBytes: 99_000_000, policy: 'noeviction' })] },
  }),
  but('evictions', "a cache's keys go", {
    store: {
      nodes: [node('node-1', 'primary', { memoryUsedBytes: 99_000_000, datasetBytes: 90_000_000, policy: 'allkeys-lru' })],
      dialects: [CACHE, dialect({ keys: 2_000 })],
    },
  }),
  unreadableWith({ servers: unreadableServers({ application: server('i-1').application }) }, 'no log has such errors'),
  unreadableWith({ deploys: {} }, 'no deploy began before'),
  but('sweep-shortened', 'sessions are in memory', { balancer: IN_MEMORY }),
  but('sweep-shortened', 'no sweep shortened a life', { sweeps: {} }),
  but('sweep-shortened', 'no user lost a session', { servers: CALM }),
  but('sweep-shortened', 'the sessions were lost before', { sweeps: { sweeps: shortenedBefore }, servers: LOST_LONG_BEFORE }),
];

function seenWithErrorsAt(atMs: number): Facts['servers'] {
  const { servers } = seen(false, false);
  const times = { storeConnection: atMs };
  const log = { ...server('i-1').application, storeConnection: 80, firstMs: times, lastMs: times } as NonNullable<
    Facts['servers']['servers'][number]['application']
  >;
  return { servers: servers.map((one) => ({ ...one, application: log })) };
}

const WELL = { store: {}, servers: CALM };
const REDUNDANT = {};
const ALONE = { automaticFailover: false, members: [{ node: 'node-1', role: 'primary' as const }] };
const REPLICA_ANSWERS = { nodes: [GONE.nodes[0], node('node-2', 'replica')] } as Partial<Facts['store']>;

const NAMELESS: Partial<Facts['store']> = {
  nodes: ['node-1', 'node-2'].map((name) => ({ ...unreachable(name), error: `getaddrinfo ENOTFOUND ${name}`, unreachableReason: 'dns' })),
  dialects: [],
};

const THE_STORE: readonly NearMiss[] = [
  but('store-down', 'a primary answers', WELL),
  but('store-down', 'nobody knows its name', { store: NAMELESS }),
  but('store-not-redundant', 'nobody knows its name', { store: NAMELESS, storeGroup: ALONE }),
  but('store-down', 'a replica answers', { store: REPLICA_ANSWERS }),
  but('store-down', 'most servers reach it', { servers: seen(true, true, true) }),
  but('store-not-redundant', 'the primary answers', {
    store: { nodes: [node('node-1', 'primary')] },
    servers: seen(false, false),
  }),
  but('store-not-redundant', 'a replica can take over', { storeGroup: REDUNDANT }),
  but('store-not-redundant', 'most servers reach it', { servers: seen(true, true, true) }),
  but('store-failing-over', 'the primary answers', { store: {}, servers: CALM }),
  but('store-failing-over', 'no node is left', { store: GONE, servers: seen(false, false) }, caseAt('store-failing-over', 1)),
  but('store-failing-over', 'automatic failover is off', { storeGroup: ALONE }),
  but('store-rejects-logins', 'no login was refused', { readings: {} }),
  but('store-rejects-logins', 'no server has an error', { servers: CALM }),
  but('server-partitioned', 'every server reaches it', { servers: CALM }),
  but('server-partitioned', 'no primary answers', { store: REPLICA_ANSWERS }),
  but('server-partitioned', 'its login is refused', { servers: { servers: [server('i-1'), refused('i-2')] } }),
  but('store-read-only', 'no log has such errors', { servers: CALM }),
  but('store-read-only', 'a failover is about to happen', { store: REPLICA_ANSWERS }),
  but('collector-cut-off', 'the collector finds a primary', { store: {} }),
  but('collector-cut-off', 'a node refuses writes', {
    store: { nodes: [{ ...node('node-1', 'replica'), state: 'readOnly' }, ...GONE.nodes.slice(1)] },
  }),
  but('collector-cut-off', 'the gates of the servers are not UP', { servers: allServers({ gate: false }) }),
  but('collector-cut-off', 'the servers do not reach the store', { servers: seen(false, false, false) }),
  but('collector-cut-off', 'a failover was reported', {
    storeGroup: { events: [{ atMs: SIGN_MS, message: 'Failover from primary node node-1 to replica node node-2 completed' }] },
  }),
];

function refused(id: string) {
  return server(id, { store: { reachable: false, error: 'WRONGPASS' } });
}
function caseAt(cause: Cause, index: number): Evidence {
  return CASES.filter((one) => one.cause === cause)[index]?.planted as Evidence;
}

const bots = (id: string) => ({ access: access(id, { created: { byAgent: { browser: 60, bot: 900 }, byPath: { '/': 960 } } }) });

const SESSION_EXPLOSION: readonly NearMiss[] = [
  but('missing-expiry', 'every session has a TTL', { store: {} }),
  but('missing-expiry', 'sweeps leave them on purpose', { readings: readingWith({ withoutTtl: 0, leftOnPurpose: 3_000 }) }),
  but('missing-expiry', 'they are old', { store: { dialects: [dialect({ withoutTtl: 150, youngestWithoutTtlSeconds: 200_000 })] } }),
  but('missing-expiry', 'sessions are few', {
    store: { ...FEW_SESSIONS, dialects: [CACHE, dialect({ keys: 5_000, withoutTtl: 150, youngestWithoutTtlSeconds: 3 })] },
  }),
  but('large-sessions', 'sessions are small', { store: {} }),
  but('large-sessions', 'memory has room', { readings: {} }),
  but('large-sessions', 'sessions are few', {
    store: { ...FEW_SESSIONS, dialects: [CACHE, dialect({ keys: 100 })], sizes: { 1024: 400, 131072: 60 } },
  }),
  but('session-per-request', 'people create them', { servers: CALM }),
  but('session-per-request', 'nothing grows', { readings: {} }),
  but('session-per-request', 'sessions are few', {
    store: { ...FEW_SESSIONS, dialects: [CACHE, dialect({ keys: 5_000 })] },
    servers: both(bots),
  }),
  but('long-lives', 'sessions live for two weeks', {
    store: { dialects: [dialect({ livesSeconds: { median: 1_209_600, p90: 1_209_600 }, unusedSeconds: 864_000 })] },
    servers: { servers: ['i-1', 'i-2'].map((id) => server(id, { cookie: { name: 'SID', maxAgeSeconds: 1_209_600 } as never })) },
  }),
  but('long-lives', 'people come back', {
    store: { dialects: [dialect({ livesSeconds: { median: 31_536_000, p90: 31_536_000 }, unusedSeconds: 3_600 })] },
    servers: { servers: ['i-1', 'i-2'].map((id) => server(id, { cookie: { name: 'SID', maxAgeSeconds: 31_536_000 } as never })) },
  }),
  but('long-lives', 'the long ones are another application’s, and in use', {
    store: {
      dialects: [
        dialect({ dialect: 'connect-redis', keys: 9_000, livesSeconds: { median: 86_400, p90: 86_400 }, unusedSeconds: 60 }),
        dialect({ dialect: 'django', keys: 20, livesSeconds: { median: 1_209_600, p90: 1_209_600 }, unusedSeconds: 1_209_000 }),
      ],
    },
    servers: { servers: ['i-1', 'i-2'].map((id) => server(id, { cookie: { name: 'SID', maxAgeSeconds: 86_400 } as never })) },
  }),
  but('long-lives', 'they outlive their cookie, and are in use', {
    store: { dialects: [dialect({ livesSeconds: { median: 1_209_600, p90: 1_209_600 }, unusedSeconds: 600 })] },
    servers: { servers: ['i-1', 'i-2'].map((id) => server(id, { cookie: { name: 'SID', maxAgeSeconds: 86_400 } as never })) },
  }),
  but('long-lives', 'nothing grows', { readings: {} }),
  but('long-lives', 'sessions are few', {
    store: {
      ...FEW_SESSIONS,
      dialects: [CACHE, dialect({ keys: 5_000, livesSeconds: { median: 31_536_000, p90: 31_536_000 }, unusedSeconds: 2_592_000 })],
    },
  }),
  but('unknown-keys', 'no sweep found more of them', { sweeps: { sweeps: [grownSweep(0, 1)] } }),
  but('unknown-keys', 'fewer have come than the alarm wants', { sweeps: { sweeps: [grownSweep(90, 1)] } }),
  but('unknown-keys', 'they are few', { sweeps: { sweeps: [grownSweep(500, 1)] }, readings: readingWith({ keys: 100_000 }) }),
  but('structural-growth', 'few keys are structural', {
    store: { dialects: [dialect({ dialect: 'spring-session' })] },
    readings: readingWith({ ...GROWING, structural: 10, keys: 30_000 }),
  }),
  but('structural-growth', 'memory has room', { readings: readingWith({ structural: 20_000, keys: 30_000, leftOnPurpose: 20_000 }) }),
  but('structural-growth', 'the sessions rose', {
    readings: readingWith({ ...GROWING, activeSessions: 30_000, structural: 20_000, keys: 30_000, leftOnPurpose: 20_000 }),
  }),
  but('not-sessions', 'the other keys are few', { store: { ...FEW_SESSIONS, dialects: [dialect({ keys: 5_000 })] } }),
  but('not-sessions', 'sessions hold most of the data', {
    store: { ...FEW_SESSIONS, dialects: [dialect({ keys: 30_000 }), CACHE] },
  }),
  but('not-sessions', 'memory has room', {
    readings: {},
    store: {
      nodes: [node('node-1', 'primary', { datasetBytes: 38_000_000, memoryUsedBytes: 40_000_000 }), node('node-2', 'replica')],
      dialects: [dialect({ keys: 1_000 }), CACHE],
    },
  }),
  but('not-sessions', 'the sessions rose', {
    store: { ...FEW_SESSIONS, dialects: [dialect({ keys: 13_200 }), CACHE] },
    readings: readingWith({ activeSessions: 30_000 }),
  }),
  but('more-users', 'requests did not rise', { traffic: {} }),
  but('more-users', 'nothing grows', { readings: {} }),
  but('more-users', 'bots create the sessions', { servers: both(bots) }),
  but('more-users', 'next to none of the new sessions is used again', {
    servers: both((id) => ({ access: access(id, { sessions: traces(id, 40, { begins: true, requests: 0 }) }) })),
  }),
  but('more-users', 'sessions are few', { store: { ...FEW_SESSIONS, dialects: [CACHE, dialect({ keys: 5_000 })] } }),
];

export const OF_THE_STORE: readonly NearMiss[] = [...THE_STORE_AND_USERS, ...THE_STORE, ...SESSION_EXPLOSION];
