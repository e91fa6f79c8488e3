/** What a runbook has to find in situations that are close to each other: who says it, how sure that is, and since when. */
import type { Facts } from '../../../../functions/incidents/contract/evidence.ts';
import { evidence, node, SIGN_MS, TURNED_AWAY, unreachable } from '../healthy-evidence.ts';
import { HINTS } from './hint-situations.ts';
import { MORE_SITUATIONS } from './more-situations.ts';
import { OUTSIDERS } from './outsider-situations.ts';
import {
  ALONE,
  allServers,
  certain,
  GONE,
  likely,
  lookedBefore,
  ONLY_NODE_GONE,
  PRIMARY_GONE,
  type Situation,
  seen,
  UNKNOWN,
  withEvent,
} from './situation.ts';

const FAILING = {
  now: { minutes: 13, requests: 4_000, redirectPercent: 0, clientErrorPercent: 1, targetErrorPercent: 40, balancerErrorPercent: 0 },
};
const UNHEALTHY = {
  healthCheckAsksStore: true,
  targets: ['i-1', 'i-2'].map((instanceId) => ({ instanceId, state: 'unhealthy' })),
};

const SILENT = {
  nodes: ['node-1', 'node-2'].map((name) => ({ ...unreachable(name), error: 'connect ETIMEDOUT' })),
  dialects: [],
  sizes: {},
};
const change = (
  kind: 'security-group' | 'waf',
  minutesBefore: number,
  event = 'RevokeSecurityGroupIngress',
): Partial<Facts['changes']> => ({
  changes: [
    {
      ...{ atMs: SIGN_MS - minutesBefore * 60_000, event, roleArn: 'arn:aws:iam::111122223333:role/ops' },
      ...{ eventId: 'e-1', resource: 'sg-1', kind, who: 'person' },
    },
  ],
});

const WHO_SAYS_THAT_THE_STORE_IS_GONE: readonly Situation[] = [
  {
    when: 'every node is silent for everybody, which a rule on the way does as well',
    runbook: 'store-failure',
    planted: evidence({ store: SILENT, servers: seen(false, false) }),
    expected: likely('store-down'),
  },
  {
    when: 'every node is silent for everybody since a rule was revoked, and ElastiCache says that the group is well',
    runbook: 'store-failure',
    planted: evidence({ store: SILENT, servers: seen(false, false), changes: change('security-group', 3) }),
    expected: likely('server-partitioned'),
    never: ['store-down'],
  },
  {
    when: 'every node is silent for everybody, and a rule was granted just before, which cuts no way',
    runbook: 'store-failure',
    planted: evidence({ store: SILENT, servers: seen(false, false), changes: change('security-group', 3, 'AuthorizeSecurityGroupEgress') }),
    expected: likely('store-down'),
  },
  {
    when: 'every node is silent for everybody, and a rule was revoked an hour before',
    runbook: 'store-failure',
    planted: evidence({ store: SILENT, servers: seen(false, false), changes: change('security-group', 55) }),
    expected: likely('store-down'),
  },
  {
    when: 'every node is silent for everybody, and a firewall at the load balancer was changed',
    runbook: 'store-failure',
    planted: evidence({ store: SILENT, servers: seen(false, false), changes: change('waf', 3) }),
    expected: likely('store-down'),
  },
  {
    when: 'every node is silent for everybody, and ElastiCache says that the group is being modified',
    runbook: 'store-failure',
    planted: evidence({ store: SILENT, servers: seen(false, false), storeGroup: { status: 'modifying' } }),
    expected: certain('store-down'),
  },
  {
    when: 'no node answers the collector, and every server reaches the store',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: seen(true, true) }),
    expected: likely('collector-cut-off'),
    never: ['store-down', 'store-not-redundant', 'store-failing-over'],
  },
  {
    when: 'no node answers the collector at two looks, two minutes apart, and every server reaches the store',
    runbook: 'store-failure',
    planted: lookedBefore(evidence({ store: GONE, servers: seen(true, true, true) }), 2),
    expected: certain('collector-cut-off'),
  },
  {
    when: 'the re-check before, which found the same, was a minute ago',
    runbook: 'store-failure',
    planted: lookedBefore(evidence({ store: GONE, servers: seen(true, true, true) }), 1),
    expected: likely('collector-cut-off'),
  },
  {
    when: 'the re-check before found a primary',
    runbook: 'store-failure',
    planted: lookedBefore(evidence({ store: GONE, servers: seen(true, true, true) }), 2, evidence()),
    expected: likely('collector-cut-off'),
  },
  {
    when: 'the servers did not reach the store at the re-check before',
    runbook: 'store-failure',
    planted: lookedBefore(evidence({ store: GONE, servers: seen(true, true) }), 2, evidence({ store: GONE, servers: seen(false, false) })),
    expected: likely('collector-cut-off'),
  },
  {
    when: 'a failover was reported while the collector found no node',
    runbook: 'store-failure',
    planted: lookedBefore(
      withEvent('Failover from primary node node-1 to replica node node-2 completed', { store: GONE, servers: seen(true, true) }),
      2,
    ),
    expected: certain('store-failing-over'),
    never: ['collector-cut-off', 'store-down'],
  },
  {
    when: 'no node answers the collector, and one server of three reaches the store',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: seen(false, false, true) }),
    expected: likely('store-down'),
    never: ['collector-cut-off'],
  },
  {
    when: 'no node answers the collector, and one server of four reaches the store',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: seen(false, false, false, true) }),
    expected: certain('store-down'),
  },
  {
    when: 'no node answers the collector, and one server of three does not reach the store',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: seen(true, true, false) }),
    expected: likely('collector-cut-off'),
    never: ['store-down'],
  },
  {
    when: 'no node answers the collector, and half of the servers reach the store',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: seen(true, false) }),
    expected: likely('store-down'),
  },
  {
    when: 'no node answers the collector, and no server shows whether it reaches the store',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: seen(undefined, undefined) }),
    expected: UNKNOWN,
  },
  {
    when: 'no node answers the collector, and the servers could not be asked',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: 'no server is registered in web' }),
    expected: UNKNOWN,
  },
  {
    when: 'no node answers the collector, the servers could not be asked, and users get errors',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: 'no server is registered in web', traffic: FAILING }),
    expected: likely('store-down'),
  },
  {
    when: 'no node answers the collector, the servers could not be asked, and a health check that asks the store fails',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: 'no server is registered in web', balancer: UNHEALTHY }),
    expected: likely('store-down'),
  },
  {
    when: 'the only node is gone for the collector, and the servers could not be asked',
    runbook: 'store-failure',
    planted: evidence({ store: ONLY_NODE_GONE, storeGroup: ALONE, servers: 'no server is registered in web' }),
    expected: UNKNOWN,
  },
  {
    when: 'the primary is gone for the collector, a replica answers, and the servers could not be asked',
    runbook: 'store-failure',
    planted: evidence({ store: PRIMARY_GONE, servers: 'no server is registered in web' }),
    expected: UNKNOWN,
  },
  {
    when: 'the primary is gone for the collector, a replica has lost it, and the servers could not be asked',
    runbook: 'store-failure',
    planted: evidence({
      store: { nodes: [unreachable('node-1'), node('node-2', 'replica', { linkUp: false })] },
      servers: 'no server is registered in web',
    }),
    expected: likely('store-failing-over'),
  },
  {
    when: 'no node answers the collector, and the only server does not reach the store',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: seen(false) }),
    expected: certain('store-down'),
  },
  {
    when: 'the only node is gone, and every server reaches it',
    runbook: 'store-failure',
    planted: evidence({ store: ONLY_NODE_GONE, storeGroup: ALONE, servers: seen(true, true) }),
    expected: likely('collector-cut-off'),
    never: ['store-not-redundant'],
  },
  {
    when: 'the only node is gone, and one server of three reaches it',
    runbook: 'store-failure',
    planted: evidence({ store: ONLY_NODE_GONE, storeGroup: ALONE, servers: seen(false, false, true) }),
    expected: likely('store-not-redundant'),
  },
  {
    when: 'the primary is gone for the collector, a replica answers, and every server reaches the store',
    runbook: 'store-failure',
    planted: evidence({ store: PRIMARY_GONE, servers: seen(true, true) }),
    expected: likely('collector-cut-off'),
    never: ['store-failing-over'],
  },
  {
    when: 'the primary is gone, a replica answers, and no server reaches the store',
    runbook: 'store-failure',
    planted: evidence({ store: PRIMARY_GONE, servers: seen(false, false, false) }),
    expected: certain('store-failing-over'),
  },
  {
    when: 'a failover was reported, and every server reaches the store again',
    runbook: 'store-failure',
    planted: withEvent('Failover from primary node node-1 to replica node node-2 completed', { servers: seen(true, true) }),
    expected: likely('store-failing-over'),
  },
  {
    when: 'no node answers the collector, and every server reaches the store',
    runbook: 'logged-out',
    planted: evidence({ store: GONE, servers: seen(true, true), traffic: TURNED_AWAY }),
    expected: UNKNOWN,
    never: ['store-connection-failures'],
  },
  {
    when: 'two servers of five do not reach a store that is well',
    runbook: 'logged-out',
    planted: evidence({ servers: seen(false, false, true, true, true), traffic: TURNED_AWAY }),
    expected: UNKNOWN,
    never: ['store-connection-failures'],
  },
  {
    when: 'two servers of five do not reach a store that is well',
    runbook: 'store-failure',
    planted: evidence({ servers: seen(false, false, true, true, true) }),
    expected: likely('server-partitioned'),
  },
  {
    when: 'three servers of four do not reach a store that is well',
    runbook: 'logged-out',
    planted: evidence({ servers: seen(false, false, false, true), traffic: TURNED_AWAY }),
    expected: certain('store-connection-failures'),
  },
  {
    when: 'the store loads its data, and answers every server so',
    runbook: 'store-failure',
    planted: evidence({
      store: { nodes: [{ name: 'node-1', state: 'loading' }, unreachable('node-2')], dialects: [], sizes: {} },
      servers: allServers({ store: { reachable: true, error: 'LOADING' } }),
    }),
    expected: certain('store-down'),
  },
  {
    when: 'servers write to a replica that answers their PING',
    runbook: 'store-failure',
    planted: evidence({
      store: { nodes: [node('node-1', 'primary'), { ...node('endpoint', 'replica'), state: 'readOnly' }] },
      servers: seen(true, true),
    }),
    expected: likely('store-read-only'),
  },
];

export const SITUATIONS: readonly Situation[] = [...WHO_SAYS_THAT_THE_STORE_IS_GONE, ...HINTS, ...MORE_SITUATIONS, ...OUTSIDERS];
