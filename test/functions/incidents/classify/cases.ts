/** Evidence of one cause each, as it looks when nothing else is wrong. */
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
import {
  begunLater,
  bothServers,
  type Case,
  DRAINED,
  foreignTo,
  losing,
  lost,
  lostAlways,
  moving,
  orphaned,
  REPLACED_BEFORE,
  rolling,
} from './case.ts';
import { CASES_IN_FRONT } from './cases-in-front.ts';
import { MORE_CASES } from './more-cases.ts';

export const CASES: readonly Case[] = [
  {
    cause: 'stickiness-off',
    when: 'switched off at the target group of a sticky fleet, and sessions move',
    planted: evidence({ balancer: { ...IN_MEMORY, stickiness: { enabled: false } }, servers: moving, traffic: TURNED_AWAY }),
  },
  {
    cause: 'session-changes-server',
    when: 'one server refuses the routes of its own users',
    planted: evidence({
      balancer: IN_MEMORY,
      servers: {
        servers: [
          server('i-1', {
            access: access('i-1', { foreignRoute: 900, replaced: 850, sessions: { ...traces('i-1', 40), ...lost('i-1') } }),
          }),
          server('i-2'),
        ],
      },
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'session-changes-server',
    when: 'a server refuses sessions that it began itself, minutes after Auto Scaling had replaced others',
    confidence: 'likely',
    planted: evidence({
      balancer: IN_MEMORY,
      scaling: REPLACED_BEFORE,
      servers: { servers: [foreignTo('i-1', begunLater('i-1', 40)), server('i-2')] },
      traffic: TURNED_AWAY,
    }),
  },
  {
    cause: 'timeout-too-short',
    confidence: 'likely',
    when: 'sessions live 30 s in the store and users pause longer',
    planted: evidence({
      store: {
        nodes: [node('node-1', 'primary'), node('node-2', 'replica')],
        dialects: [dialect({ ttlSeconds: { min: 2, median: 20, max: 30 }, declaredLifeSeconds: 30 })],
      },
      servers: {
        servers: ['i-1', 'i-2'].map((id) => server(id, { access: access(id, { sessions: { ...traces(id, 20), ...lostAlways(id) } }) })),
      },
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
    when: 'Auto Scaling replaces two servers whose users the others turn away',
    planted: evidence({
      balancer: DRAINED,
      scaling: { terminated: 2, replacedUnhealthy: 2, firstTerminationMs: SIGN_MS - 90_000, lastTerminationMs: SIGN_MS - 60_000 },
      servers: orphaned(),
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
    cause: 'store-down',
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
  ...MORE_CASES,
  ...CASES_IN_FRONT,
];
