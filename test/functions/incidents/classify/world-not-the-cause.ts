/** What is there in a model of an installation, could explain that users are logged out, and does not. */
import { access, dialect, IN_MEMORY, NOW_MS, node, readingWith, SIGN_MS, TURNED_AWAY, traces, unreachable } from '../healthy-evidence.ts';
import { begunLater, foreignTo, REPLACED_BEFORE } from './case.ts';
import { CUT_OFF, cookie, type Fault, FULL, loggedOut, losing, rolling, shared } from './world-parts.ts';

export const ENDED = { terminated: 1, replacedUnhealthy: 1, firstTerminationMs: SIGN_MS - 90_000, lastTerminationMs: SIGN_MS - 90_000 };
export const SWEEP = { sweepId: 's-1', startedAtMs: SIGN_MS - 120_000, status: 'SUCCEEDED', repaired: 4_000, shortened: 4_000 };
export const losesOwn = (id: string) => ({ access: losing(id) });

const FULL_FOR_LONG = readingWith({}).window.map((one) => ({ ...one, memoryPercent: 100 }));

export const NOT_THE_CAUSE: readonly Fault[] = [
  {
    name: 'something else, and servers end',
    truth: {},
    memory: true,
    sources: { scaling: ENDED, traffic: TURNED_AWAY },
    ofServer: losesOwn,
  },
  {
    name: 'something else, after servers had ended',
    truth: {},
    memory: true,
    sources: { scaling: REPLACED_BEFORE, traffic: TURNED_AWAY },
    ofServer: (id) => ({ access: access(id, { sessions: { ...traces(id, 20), ...begunLater(id, 8, { routes: [id] }) } }) }),
  },
  {
    name: 'servers ended, and a client begins sessions and lets them end',
    truth: { 'logged-out': ['servers-replaced'] },
    memory: true,
    sources: { scaling: REPLACED_BEFORE, traffic: TURNED_AWAY },
    ofServer: (id) => ({
      ...foreignTo(id, {
        ...traces(id, 20),
        ...traces('of-ended', 20, { unknown: true, lost: true }),
        ...begunLater(id, 30),
      }),
    }),
  },
  {
    name: 'something else, and a deploy is rolling',
    truth: {},
    memory: true,
    sources: { deploys: { deploys: [rolling] }, traffic: TURNED_AWAY },
    ofServer: (id, index) => ({ ...losesOwn(id), ...(index % 2 === 0 && { release: '1.3.0' }) }),
  },
  {
    name: 'something else, and a sweep shortened a session',
    truth: {},
    sources: { sweeps: { sweeps: [{ ...SWEEP, repaired: 900, shortened: 1 }] }, traffic: TURNED_AWAY },
    ofServer: losesOwn,
  },
  {
    name: 'stickiness is off, and the servers share their sessions',
    truth: {},
    memory: true,
    sources: { balancer: { ...IN_MEMORY, stickiness: { enabled: false } } },
    ofServer: shared,
  },
  {
    name: 'stickiness is off, and nobody misses it',
    truth: {},
    memory: true,
    sources: { balancer: { ...IN_MEMORY, stickiness: { enabled: false } } },
  },
  {
    name: 'the primary has no connections left',
    truth: loggedOut('store-connection-failures'),
    sources: {
      store: { nodes: [{ ...unreachable('node-1'), error: 'read ECONNRESET' }, node('node-2', 'replica')] },
      readings: readingWith({ connectionsPercent: 99.9 }),
    },
    ofServer: () => ({ store: { reachable: true, error: 'ERR' } }),
  },
  {
    name: 'a long command keeps the primary busy',
    truth: loggedOut('store-connection-failures'),
    sources: {
      store: { nodes: [{ ...unreachable('node-1'), error: 'no answer within 10 s' }, node('node-2', 'replica')] },
      readings: readingWith({ engineCpuPercent: 99.6 }),
    },
    ofServer: () => CUT_OFF,
  },
  {
    name: 'the primary restarted in its place',
    truth: {},
    sources: {
      store: { nodes: [node('node-1', 'primary', { uptimeSeconds: 150 }), node('node-2', 'replica')] },
      readings: readingWith({ failovers: 1 }),
    },
  },
  {
    name: 'the store has been full for weeks, by intention',
    truth: {},
    sources: {
      readings: { ...readingWith({ evictions: 300, memoryPercent: 100 }), window: FULL_FOR_LONG },
      store: { nodes: [node('node-1', 'primary', FULL), node('node-2', 'replica')] },
      traffic: TURNED_AWAY,
    },
  },
  {
    name: 'another application has short lives on purpose',
    truth: {},
    sources: {
      store: { dialects: [dialect({ dialect: 'spring-session', keys: 3_000, declaredLifeSeconds: 60 }), dialect()] },
      traffic: TURNED_AWAY,
    },
    ofServer: (id) => ({ access: { ...losing(id), lostAfterIdleSeconds: { 128: 8 } } }),
  },
  {
    name: 'most sessions are half an hour old, and their users are gone',
    truth: {},
    sources: { store: { dialects: [dialect({ ttlSeconds: { min: 1, median: 52, max: 1_800 } })] }, traffic: TURNED_AWAY },
    ofServer: (id) => ({
      access: access(id, {
        sessions: { ...traces(id, 20, { requests: 20 }), ...traces(`lost-${id}`, 8, { lost: true }) },
        lostAfterIdleSeconds: { 128: 8 },
      }),
    }),
  },
  {
    name: 'visits end by themselves before a cookie that does not slide',
    truth: {},
    sources: { traffic: TURNED_AWAY },
    ofServer: (id) => {
      const lastMs = NOW_MS - 15 * 60_000;
      const visits = traces(`visit-${id}`, 12, { firstMs: lastMs - 1_500_000, lastMs, requests: 150 });
      return { access: access(id, { sessions: visits }), ...cookie({ slides: false }) };
    },
  },
  {
    name: 'browsers create sessions with nearly every request',
    truth: {},
    sources: { readings: readingWith({ activeSessions: 30_000 }) },
    ofServer: (id) => ({ access: access(id, { created: { byAgent: { browser: 1_700 }, byPath: { '/': 1_700 } } }) }),
  },
  { name: 'a strict cookie that nobody misses', truth: {}, ofServer: () => cookie({ sameSite: 'Strict' }) },
];
