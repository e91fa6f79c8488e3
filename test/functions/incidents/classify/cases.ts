/** Evidence of one cause each, as it looks when nothing else is wrong. */
import type { Cause } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import {
  access,
  application,
  dialect,
  evidence,
  IN_MEMORY,
  NOW_MS,
  node,
  readingWith,
  SIGN_MS,
  server,
  TURNED_AWAY,
  traces,
  unreachable,
} from '../healthy-evidence.ts';
import { GONE, lookedBefore, seen, unreadable } from './situations.ts';

export interface Case {
  readonly cause: Cause;
  readonly when: string;
  /** @default certain */
  readonly confidence?: 'likely';
  readonly planted: Evidence;
}

const rolling = { deployId: 'd-1', from: '1.3.0', to: '1.4.0', status: 'RUNNING', startedAtMs: SIGN_MS - 120_000 };
const lost = (name: string) => traces(`lost-${name}`, 8, { lost: true });
/** Sessions that both servers saw. */
const moving = { servers: ['i-1', 'i-2'].map((id) => server(id, { access: access(id, { sessions: traces('both', 30), replaced: 20 }) })) };

export const CASES: readonly Case[] = [
  {
    cause: 'stickiness-off',
    when: 'switched off at the target group of a sticky fleet, and sessions move',
    planted: evidence({ balancer: { ...IN_MEMORY, stickiness: { enabled: false } }, servers: moving, traffic: TURNED_AWAY }),
  },
  {
    cause: 'route-mismatch',
    when: 'one server refuses the routes of its own users',
    planted: evidence({
      balancer: IN_MEMORY,
      servers: { servers: [server('i-1', { access: access('i-1', { foreignRoute: 900, replaced: 850 }) }), server('i-2')] },
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'timeout-too-short',
    when: 'sessions live 30 s in the store and users pause longer',
    planted: evidence({
      store: {
        nodes: [node('node-1', 'primary'), node('node-2', 'replica')],
        dialects: [dialect({ ttlSeconds: { min: 2, median: 20, max: 30 }, declaredLifeSeconds: 30 })],
      },
      servers: {
        servers: ['i-1', 'i-2'].map((id) =>
          server(id, { access: access(id, { sessions: { ...traces(id, 20), ...lost(id) }, lostAfterIdleSeconds: { 32: 8 } }) }),
        ),
      },
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'store-connection-failures',
    when: 'no primary answers and the logs say so',
    planted: evidence({
      store: { nodes: [unreachable('node-1'), unreachable('node-2')], dialects: [], sizes: {} },
      servers: {
        servers: ['i-1', 'i-2'].map((id) =>
          server(id, {
            store: { reachable: false, error: 'ETIMEDOUT' },
            application: application({
              storeConnection: 80,
              firstMs: { storeConnection: SIGN_MS - 60_000 },
              lastMs: { storeConnection: NOW_MS - 1_000 },
            }),
          }),
        ),
      },
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'deploy-in-progress',
    when: 'sessions are in memory, and a deploy is rolling',
    planted: evidence({
      balancer: IN_MEMORY,
      deploys: { deploys: [rolling] },
      servers: losing(),
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'servers-replaced',
    when: 'Auto Scaling replaced a server that had sessions in its memory',
    planted: evidence({
      balancer: IN_MEMORY,
      scaling: { terminated: 1, replacedUnhealthy: 1, firstTerminationMs: SIGN_MS - 90_000 },
      servers: losing(),
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'store-full',
    when: 'the store is full and refuses writes, by its own count and by the errors of the servers',
    planted: evidence({
      store: {
        nodes: [
          node('node-1', 'primary', { memoryUsedBytes: 99_000_000, policy: 'noeviction', rejectedWrites: 50 }),
          node('node-2', 'replica'),
        ],
      },
      servers: bothServers({
        application: application({ outOfMemory: 30, firstMs: { outOfMemory: SIGN_MS }, lastMs: { outOfMemory: NOW_MS - 1_000 } }),
      }),
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'store-emptied',
    when: 'the sessions of the store are gone from one reading to the next, and users lost them',
    planted: evidence({ readings: readingWith({ activeSessions: 40, keys: 40 }), servers: losing(), traffic: TURNED_AWAY }),
  },
  {
    cause: 'store-down',
    when: 'no node answers, though the group is redundant',
    planted: evidence({
      store: { nodes: [unreachable('node-1'), unreachable('node-2')], dialects: [], sizes: {} },
      servers: { servers: ['i-1', 'i-2'].map((id) => server(id, { store: { reachable: false } })) },
    }),
  },
  {
    cause: 'store-not-redundant',
    when: 'the only node is gone',
    planted: evidence({
      store: { nodes: [unreachable('node-1')], dialects: [], sizes: {} },
      storeGroup: { automaticFailover: false, members: [{ node: 'node-1', role: 'primary' }] },
      servers: { servers: ['i-1', 'i-2'].map((id) => server(id, { store: { reachable: false } })) },
    }),
  },
  {
    cause: 'store-failing-over',
    when: 'the primary is gone, a replica answers, and no server reaches the store',
    planted: evidence({
      store: { nodes: [unreachable('node-1'), node('node-2', 'replica')] },
      servers: bothServers({ store: { reachable: false, error: 'ETIMEDOUT' } }),
    }),
  },
  {
    cause: 'store-failing-over',
    when: 'ElastiCache reports that a replica has taken over',
    planted: evidence({
      store: { nodes: [node('node-1', 'replica'), node('node-2', 'primary')] },
      storeGroup: {
        events: [{ atMs: SIGN_MS, message: 'Failover from primary node node-1 to replica node node-2 completed' }],
      },
    }),
  },
  {
    cause: 'collector-cut-off',
    when: 'no node answered the collector at two looks, and every server reaches the store',
    planted: lookedBefore(evidence({ store: GONE, servers: seen(true, true, true) }), 2),
  },
  {
    cause: 'missing-expiry',
    when: 'a third of the sampled sessions have no TTL and the youngest is seconds old',
    planted: evidence({ store: { dialects: [dialect({ withoutTtl: 150, youngestWithoutTtlSeconds: 3 })] } }),
  },
  {
    cause: 'large-sessions',
    when: 'sessions of 200 KB hold most of the bytes, and memory grows',
    planted: evidence({
      store: { dialects: [dialect()], sizes: { 1024: 400, 131072: 60 } },
      readings: readingWith({ growthBytesPerHour: 9_000_000 }),
    }),
  },
  {
    cause: 'session-changes-server',
    when: 'stickiness is on, and the same sessions are in the logs of both servers',
    planted: evidence({ balancer: IN_MEMORY, servers: moving, traffic: TURNED_AWAY }),
  },
  {
    cause: 'evictions',
    when: 'the store is full and deletes sessions',
    planted: evidence({
      store: { nodes: [node('node-1', 'primary', { memoryUsedBytes: 99_000_000, policy: 'allkeys-lru' })] },
      readings: readingWith({ evictions: 400, sessionDropPercent: 30 }),
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'unreadable-sessions',
    when: 'errors about sessions begin when a release is rolled, and the new release alone loses sessions',
    planted: unreadable({ namesSessions: 40 }),
  },
  {
    cause: 'unreadable-sessions',
    when: 'errors begin when a release is rolled, and name no session',
    confidence: 'likely',
    planted: unreadable(),
  },
  {
    cause: 'sweep-shortened',
    when: 'a sweep set lives below what sessions declare, and users lost them afterwards',
    planted: evidence({
      sweeps: { sweeps: [{ sweepId: 's-1', startedAtMs: SIGN_MS - 120_000, status: 'SUCCEEDED', repaired: 900, shortened: 900 }] },
      servers: losing(),
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'secure-cookie-on-http',
    when: 'a Secure cookie is set on a listener without TLS, and no session comes back',
    planted: evidence({
      balancer: { listeners: [{ protocol: 'HTTP', port: 80, redirectsToHttps: false }] },
      servers: bothServers((id) => ({
        access: access(id, { withSession: 0, sessions: {}, created: { byAgent: { browser: 900 }, byPath: { '/login': 900 } } }),
      })),
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'cookie-does-not-slide',
    when: "active users' sessions end at the cookie's Max-Age",
    planted: evidence({
      servers: bothServers((id) => ({
        access: access(id, { sessions: { ...endedAt(id, 1_780), ...traces(id, 5, { firstMs: NOW_MS - 600_000 }) } }),
        cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite: 'Lax', secure: true, httpOnly: true, slides: false },
      })),
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'same-site-strict',
    when: 'users who come back from another site send no cookie and are redirected',
    planted: evidence({
      servers: bothServers((id) => ({
        access: access(id, { fromOtherSite: { withCookie: 0, withoutCookie: 40, refused: 35 } }),
        cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite: 'Strict', secure: true, httpOnly: true, slides: true },
      })),
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'store-rejects-logins',
    when: 'logins are refused, and the logs of the servers have errors of the store',
    // A number of refused logins names no user, and words are hints.
    confidence: 'likely',
    planted: evidence({
      readings: readingWith({ authenticationFailures: 40 }),
      servers: bothServers({
        application: application({
          storeConnection: 80,
          firstMs: { storeConnection: SIGN_MS - 60_000 },
          lastMs: { storeConnection: NOW_MS - 1_000 },
        }),
      }),
    }),
  },
  {
    cause: 'server-partitioned',
    // A failover of a moment ago cannot be excluded: a node can have taken over the address of another.
    confidence: 'likely',
    when: 'one server cannot reach a store that is well',
    planted: evidence({
      servers: { servers: [server('i-1'), server('i-2', { store: { reachable: false, error: 'ETIMEDOUT' } })] },
    }),
  },
  {
    cause: 'store-read-only',
    when: 'servers stay on the old primary and get READONLY',
    // Only the logs say so.
    confidence: 'likely',
    planted: evidence({
      servers: bothServers({
        application: application({ readOnly: 60, firstMs: { readOnly: SIGN_MS }, lastMs: { readOnly: NOW_MS - 1_000 } }),
      }),
    }),
  },
  {
    cause: 'session-per-request',
    when: 'a bot creates a session with each request',
    planted: evidence({
      servers: bothServers((id) => ({ access: access(id, { created: { byAgent: { browser: 60, bot: 900 }, byPath: { '/': 960 } } }) })),
      readings: readingWith({ activeSessions: 30_000 }),
    }),
  },
  {
    cause: 'structural-growth',
    when: "Spring's index has more keys than there are sessions",
    planted: evidence({
      store: { dialects: [dialect({ dialect: 'spring-session', structural: 700 })] },
      readings: readingWith({ growthBytesPerHour: 9_000_000, structural: 20_000, keys: 30_000, leftOnPurpose: 20_000 }),
    }),
  },
  {
    cause: 'structural-growth',
    when: 'no sweep has counted the index by itself, and the collector takes every key for a session',
    planted: evidence({
      store: { dialects: [dialect({ dialect: 'spring-session', keys: 20_000, sampled: 200, structural: 800 })] },
      readings: readingWith({ activeSessions: 20_000, activeSessionsFrom: 'keys', keys: 20_000, growthBytesPerHour: 9_000_000 }),
    }),
  },
  {
    cause: 'not-sessions',
    when: 'most keys are of no session framework, and hold most of the data',
    planted: evidence({
      store: {
        nodes: [node('node-1', 'primary', { datasetBytes: 90_000_000, memoryUsedBytes: 95_000_000 }), node('node-2', 'replica')],
        dialects: [dialect({ keys: 5_000 }), dialect({ dialect: 'unknown', keys: 40_000, sampled: 900, ttlSeconds: null })],
      },
    }),
  },
  {
    cause: 'more-users',
    when: 'requests and sessions rise together, and browsers create them',
    planted: evidence({
      traffic: {
        now: { minutes: 13, requests: 9_000, redirectPercent: 5, clientErrorPercent: 1, targetErrorPercent: 0, balancerErrorPercent: 0 },
      },
      readings: readingWith({ activeSessions: 20_000 }),
    }),
  },
];

/** Both servers, with the same facts changed. */
function bothServers(over: Partial<ServerFacts> | ((id: string) => Partial<ServerFacts>)): Facts['servers'] {
  return { servers: ['i-1', 'i-2'].map((id) => server(id, typeof over === 'function' ? over(id) : over)) };
}
/** Both servers, with sessions that were refused. */
function losing() {
  return bothServers((id) => ({ access: access(id, { sessions: { ...traces(id, 20), ...lost(id) }, lostAfterIdleSeconds: { 32: 8 } }) }));
}
/** Sessions of users who clicked until their session was that old. */
function endedAt(id: string, seconds: number) {
  const lastMs = NOW_MS - 15 * 60_000;
  return traces(`ended-${id}`, 8, { firstMs: lastMs - seconds * 1_000, lastMs });
}
