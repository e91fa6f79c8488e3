/** Evidence of one cause each: the second half. */
import {
  access,
  application,
  dialect,
  evidence,
  IN_MEMORY,
  minutesWith,
  NOW_MS,
  node,
  readingWith,
  SIGN_MS,
  server,
  TURNED_AWAY,
  traces,
} from '../healthy-evidence.ts';
import { bothServers, type Case, moving, NOBODY } from './case.ts';
import { unreadable } from './hint-situations.ts';

export const MORE_CASES: readonly Case[] = [
  {
    cause: 'missing-expiry',
    when: 'a third of the sampled sessions have no TTL and the youngest is seconds old',
    planted: evidence({
      store: { dialects: [dialect({ withoutTtl: 150 })] },
      readings: readingWith({ withoutTtl: 150 }),
    }),
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
    confidence: 'likely',
    planted: evidence({ balancer: IN_MEMORY, servers: moving, traffic: TURNED_AWAY }),
  },
  {
    cause: 'store-full',
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
    planted: unreadable(),
  },
  {
    cause: 'unreadable-sessions',
    when: 'errors begin when a release is rolled, and name no session',
    confidence: 'likely',
    planted: unreadable(),
  },
  {
    cause: 'same-site',
    // Anybody can send requests that seem to come from another site.
    confidence: 'likely',
    when: 'users who come back from another site send no cookie and are redirected',
    planted: evidence({
      servers: bothServers((id) => ({
        access: access(id, { fromOtherSite: { withCookie: 0, withoutCookie: 40, refused: 35 } }),
        cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite: 'Strict', secure: true, httpOnly: true, slides: true },
      })),
    }),
  },
  {
    cause: 'store-refuses',
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
    cause: 'store-refuses',
    when: 'servers stay on the old primary and get READONLY',
    // Only the logs say so.
    confidence: 'likely',
    planted: evidence({
      storeGroup: {
        events: [{ atMs: SIGN_MS - 12 * 60_000, message: 'Failover from primary node node-2 to replica node node-1 completed' }],
      },
      servers: bothServers({
        application: application({ readOnly: 60, firstMs: { readOnly: SIGN_MS }, lastMs: { readOnly: NOW_MS - 1_000 } }),
      }),
    }),
  },
  {
    cause: 'session-per-request',
    when: 'a bot creates a session with each request',
    planted: evidence({
      servers: bothServers((id) => ({
        access: access(id, { created: { byAgent: { browser: 60, bot: 900 } }, byMinute: [NOBODY] }),
      })),
      traffic: minutesWith(20, { requests: 900 }),
      readings: readingWith({ activeSessions: 30_000 }),
    }),
  },
  {
    cause: 'session-per-request',
    when: 'browsers, by their names, begin sessions on top of the users, and next to none is used again',
    confidence: 'likely',
    planted: evidence({
      servers: bothServers((id) => ({
        access: access(id, {
          created: { byAgent: { browser: 800 } },
          sessions: { ...traces(id, 5, { begins: true }), ...traces(`newcomer-${id}`, 80, { begins: true, requests: 0 }) },
        }),
      })),
      traffic: minutesWith(20, { requests: 250 }),
      readings: readingWith({ activeSessions: 30_000 }),
    }),
  },
  {
    cause: 'not-sessions',
    when: "Spring's index has more keys than there are sessions",
    planted: evidence({
      store: { dialects: [dialect({ dialect: 'spring-session', structural: 700 })] },
      readings: readingWith({ growthBytesPerHour: 9_000_000, structural: 20_000, keys: 30_000, leftOnPurpose: 20_000 }),
    }),
  },
  {
    cause: 'not-sessions',
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
      readings: readingWith({ memoryPercent: 95 }),
    }),
  },
  {
    cause: 'not-sessions',
    when: 'a cache has filled since the sessions were counted, and the collector takes its keys for sessions',
    planted: evidence({
      store: {
        nodes: [node('node-1', 'primary', { datasetBytes: 90_000_000, memoryUsedBytes: 95_000_000 }), node('node-2', 'replica')],
        dialects: [dialect({ keys: 10_000 }), dialect({ dialect: 'unknown', keys: 80_000, sampled: 900 })],
      },
      readings: readingWith({ activeSessions: 90_000, sessionsByDialect: { 'connect-redis': 90_000 }, memoryPercent: 95 }),
    }),
  },
  {
    cause: 'not-sessions',
    when: 'other keys fill the store, and twice as many users take a small part of the memory that came',
    planted: evidence({
      store: {
        nodes: [
          node('node-1', 'primary', { datasetBytes: 290_000_000, memoryUsedBytes: 295_000_000, memoryMaxBytes: 310_000_000 }),
          node('node-2', 'replica'),
        ],
        dialects: [dialect({ keys: 20_000 }), dialect({ dialect: 'unknown', keys: 9_500, sampled: 300, ttlSeconds: null })],
      },
      readings: readingWith({ activeSessions: 20_000, keys: 29_500, memoryUsedBytes: 295_000_000, memoryPercent: 95 }),
    }),
  },
];
