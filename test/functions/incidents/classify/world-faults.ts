/** What can be broken in a model of an installation, what each source then shows, and what is right to say of it. */

import { access, dialect, IN_MEMORY, NOW_MS, node, readingWith, SIGN_MS, TURNED_AWAY, traces, unreachable } from '../healthy-evidence.ts';
import { begunLater, foreignTo, lostSince, NOBODY, REPLACED_BEFORE } from './case.ts';
import { minutesWith } from './cases-in-front.ts';
import { ENDED, losesOwn, NOT_THE_CAUSE, SWEEP } from './world-not-the-cause.ts';
import {
  CUT_OFF,
  cookie,
  explosion,
  type Fault,
  FULL,
  GONE,
  logged,
  loggedOut,
  losing,
  losingAlways,
  outage,
  rolling,
  straying,
} from './world-parts.ts';

/** Users of servers that ended: no log shows that a server knew their sessions. */
const ofEnded = Object.fromEntries(
  Object.entries(lostSince('of-ended', SIGN_MS - 4 * 60_000, 20)).map(([hash, trace]) => [hash, { ...trace, unknown: true as const }]),
);

export const FAULTS: readonly Fault[] = [
  { name: 'none', truth: {} },
  { name: 'none in memory', truth: {}, memory: true },
  ...NOT_THE_CAUSE,
  {
    name: 'stickiness-off',
    truth: loggedOut('stickiness-off'),
    memory: true,
    sources: { balancer: { ...IN_MEMORY, stickiness: { enabled: false } }, traffic: TURNED_AWAY },
    ofServer: straying,
  },
  {
    name: 'route-mismatch',
    truth: loggedOut('route-mismatch'),
    memory: true,
    sources: { traffic: TURNED_AWAY },
    ofServer: (id, index) => (index === 0 ? { access: { ...losing(id), foreignRoute: 900, replaced: 850 } } : {}),
  },
  {
    name: 'route-mismatch after servers had ended',
    truth: loggedOut('route-mismatch'),
    memory: true,
    sources: { scaling: REPLACED_BEFORE, traffic: TURNED_AWAY },
    ofServer: (id, index) => (index === 0 ? foreignTo(id, begunLater(id, 40)) : {}),
  },
  {
    name: 'session-changes-server',
    truth: loggedOut('session-changes-server'),
    memory: true,
    sources: { traffic: TURNED_AWAY },
    ofServer: straying,
  },
  {
    name: 'servers-replaced',
    truth: loggedOut('servers-replaced'),
    memory: true,
    sources: { scaling: ENDED, traffic: TURNED_AWAY },
    ofServer: (id) => ({
      access: access(id, { sessions: { ...traces(id, 20), ...ofEnded } }),
    }),
  },
  {
    name: 'deploy-in-progress, half of it',
    truth: loggedOut('deploy-in-progress'),
    memory: true,
    sources: { deploys: { deploys: [rolling] }, traffic: TURNED_AWAY },
    ofServer: (id, index) => (index % 2 === 0 ? losesOwn(id) : { release: '1.3.0', access: access(id, { sessions: traces(id, 20) }) }),
  },
  {
    name: 'deploy-in-progress',
    truth: loggedOut('deploy-in-progress'),
    memory: true,
    sources: { deploys: { deploys: [rolling] }, traffic: TURNED_AWAY },
    ofServer: (id) => ({ access: losing(id) }),
  },
  {
    name: 'timeout-too-short',
    truth: loggedOut('timeout-too-short'),
    sources: {
      store: { dialects: [dialect({ ttlSeconds: { min: 2, median: 20, max: 30 }, declaredLifeSeconds: 30 })] },
      traffic: TURNED_AWAY,
    },
    ofServer: (id) => ({ access: { ...losingAlways(id), lostAfterIdleSeconds: { 32: 8 } } }),
  },
  {
    name: 'cookie-does-not-slide',
    truth: loggedOut('cookie-does-not-slide'),
    sources: { traffic: TURNED_AWAY },
    ofServer: (id) => {
      const lastMs = NOW_MS - 15 * 60_000;
      const ended = traces(`ended-${id}`, 8, { firstMs: lastMs - 1_780_000, lastMs });
      return {
        access: access(id, { sessions: { ...ended, ...traces(id, 5, { firstMs: NOW_MS - 600_000 }) } }),
        ...cookie({ slides: false }),
      };
    },
  },
  {
    name: 'same-site-strict',
    truth: loggedOut('same-site-strict'),
    sources: { traffic: TURNED_AWAY },
    ofServer: (id) => ({
      access: access(id, { fromOtherSite: { withCookie: 0, withoutCookie: 40, refused: 35 } }),
      ...cookie({ sameSite: 'Strict' }),
    }),
  },
  {
    name: 'secure-cookie-on-http',
    truth: loggedOut('secure-cookie-on-http'),
    sources: { balancer: { listeners: [{ protocol: 'HTTP', port: 80, redirectsToHttps: false }] }, traffic: TURNED_AWAY },
    ofServer: (id) => ({
      access: access(id, { withSession: 0, sessions: {}, created: { byAgent: { browser: 900 }, byPath: { '/': 900 } } }),
    }),
  },
  {
    name: 'store-down',
    truth: outage('store-down'),
    sources: { store: GONE, traffic: TURNED_AWAY },
    ofServer: () => ({ ...CUT_OFF, application: logged('storeConnection', 80) }),
  },
  {
    name: 'store-not-redundant',
    truth: outage('store-not-redundant', 'store-down'),
    sources: {
      store: { nodes: [unreachable('node-1')], dialects: [], sizes: {} },
      storeGroup: { automaticFailover: false, members: [{ node: 'node-1', role: 'primary' }] },
      traffic: TURNED_AWAY,
    },
    ofServer: () => ({ ...CUT_OFF, application: logged('storeConnection', 80) }),
  },
  {
    name: 'store-failing-over, not reported',
    truth: outage('store-failing-over'),
    sources: { store: { nodes: [unreachable('node-1'), node('node-2', 'replica')] }, traffic: TURNED_AWAY },
    ofServer: () => ({ ...CUT_OFF, application: logged('storeConnection', 80) }),
  },
  {
    name: 'store-failing-over, reported',
    truth: { 'store-failure': ['store-failing-over'] },
    sources: {
      store: { nodes: [node('node-1', 'replica'), node('node-2', 'primary')] },
      storeGroup: { events: [{ atMs: SIGN_MS, message: 'Failover from primary node node-1 to replica node node-2 completed' }] },
    },
  },
  {
    name: 'collector-cut-off',
    truth: { 'store-failure': ['collector-cut-off'] },
    sources: { store: GONE },
    lasts: true,
  },
  {
    name: 'collector and one server cut off',
    truth: { 'store-failure': ['collector-cut-off'] },
    sources: { store: GONE },
    ofServer: (_id, index) => (index === 0 ? CUT_OFF : {}),
  },
  {
    name: 'server-partitioned',
    truth: { 'store-failure': ['server-partitioned'] },
    ofServer: (_id, index) => (index === 0 ? { ...CUT_OFF, application: logged('storeConnection', 80) } : {}),
  },
  {
    name: 'all servers partitioned',
    truth: outage('server-partitioned'),
    sources: { traffic: TURNED_AWAY },
    ofServer: () => ({ ...CUT_OFF, application: logged('storeConnection', 80) }),
  },
  {
    name: 'store-rejects-logins',
    truth: outage('store-rejects-logins'),
    sources: { readings: readingWith({ authenticationFailures: 40 }), traffic: TURNED_AWAY },
    ofServer: () => ({ application: logged('storeConnection', 80) }),
  },
  {
    name: 'store-read-only',
    truth: outage('store-read-only'),
    sources: { store: { nodes: [node('node-1', 'primary'), { ...node('endpoint', 'replica'), state: 'readOnly' }] }, traffic: TURNED_AWAY },
    ofServer: () => ({ application: logged('readOnly', 60) }),
  },
  {
    name: 'evictions',
    truth: { ...loggedOut('evictions'), 'session-explosion': [] },
    sources: { store: { nodes: [node('node-1', 'primary', FULL), node('node-2', 'replica')] }, readings: readingWith({ evictions: 400 }) },
    ofServer: (id) => ({ access: losing(id) }),
  },
  {
    name: 'store-full',
    truth: { ...loggedOut('store-full'), 'store-failure': ['store-full'] },
    sources: {
      store: { nodes: [node('node-1', 'primary', { ...FULL, policy: 'noeviction', rejectedWrites: 90 }), node('node-2', 'replica')] },
      traffic: TURNED_AWAY,
    },
    ofServer: () => ({ application: logged('outOfMemory', 60) }),
  },
  {
    name: 'store-emptied',
    truth: { ...loggedOut('store-emptied'), 'store-failure': ['store-emptied'] },
    sources: { readings: readingWith({ activeSessions: 40, keys: 40 }), traffic: TURNED_AWAY },
    ofServer: (id) => ({ access: losing(id) }),
  },
  {
    name: 'unreadable-sessions',
    truth: { 'logged-out': ['unreadable-sessions', 'deploy-in-progress'] },
    sources: { deploys: { deploys: [rolling] }, traffic: TURNED_AWAY },
    ofServer: (id, index) =>
      index % 2 === 0
        ? { access: losing(id), application: { ...logged('serialization', 40), sessionSerialization: 40 } }
        : { release: '1.3.0' },
  },
  {
    name: 'sweep-shortened',
    truth: loggedOut('sweep-shortened'),
    sources: {
      sweeps: { sweeps: [SWEEP] },
      traffic: TURNED_AWAY,
    },
    ofServer: (id) => ({ access: losing(id) }),
  },
  {
    name: 'missing-expiry',
    truth: explosion('missing-expiry'),
    sources: {
      store: { dialects: [dialect({ withoutTtl: 200, youngestWithoutTtlSeconds: 3 })] },
      readings: readingWith({ withoutTtl: 4_000 }),
    },
  },
  {
    name: 'large-sessions',
    truth: explosion('large-sessions'),
    sources: { store: { sizes: { 1024: 400, 131072: 60 } }, readings: readingWith({ growthBytesPerHour: 9_000_000 }) },
  },
  {
    name: 'session-per-request',
    truth: explosion('session-per-request'),
    sources: { readings: readingWith({ activeSessions: 30_000 }), traffic: minutesWith(20, { requests: 900 }) },
    ofServer: (id) => ({
      access: access(id, { created: { byAgent: { browser: 60, bot: 900 }, byPath: { '/': 960 } }, byMinute: [NOBODY] }),
    }),
  },
  {
    name: 'more-users',
    truth: explosion('more-users'),
    sources: {
      traffic: {
        now: { minutes: 13, requests: 9_000, redirectPercent: 5, clientErrorPercent: 1, targetErrorPercent: 0, balancerErrorPercent: 0 },
      },
      readings: readingWith({ activeSessions: 20_000 }),
    },
    ofServer: (id) => ({ access: access(id, { sessions: traces(id, 40, { begins: true }) }) }),
  },
];
