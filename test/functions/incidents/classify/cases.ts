/** Evidence of one cause each, as it looks when nothing else is wrong. */
import type { Cause } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import {
  access,
  application,
  dialect,
  evidence,
  IN_MEMORY,
  NOW_MS,
  node,
  SIGN_MS,
  server,
  TURNED_AWAY,
  traces,
  unreachable,
} from '../healthy-evidence.ts';

interface Case {
  readonly cause: Cause;
  readonly when: string;
  readonly planted: Evidence;
}

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
      deploys: { deploys: [{ deployId: 'd-1', from: '1.3.0', to: '1.4.0', status: 'RUNNING', startedAtMs: SIGN_MS - 120_000 }] },
      traffic: TURNED_AWAY,
    }),
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
    when: 'the primary is gone, and a replica answers',
    planted: evidence({ store: { nodes: [unreachable('node-1'), node('node-2', 'replica')] } }),
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
    cause: 'missing-expiry',
    when: 'a third of the sampled sessions have no TTL and the youngest is seconds old',
    planted: evidence({ store: { dialects: [dialect({ withoutTtl: 150, youngestWithoutTtlSeconds: 3 })] } }),
  },
  {
    cause: 'large-sessions',
    when: 'sessions of 200 KB hold most of the bytes',
    planted: evidence({ store: { dialects: [dialect()], sizes: { 1024: 400, 131072: 60 } } }),
  },
];
