/** What a runbook has to find in situations that are close to each other: who says it, how sure that is, and since when. */
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import {
  access,
  application,
  evidence,
  NOW_MS,
  node,
  readingWith,
  SIGN_MS,
  server,
  TURNED_AWAY,
  traces,
  unreachable,
} from '../healthy-evidence.ts';
import { MORE_SITUATIONS } from './more-situations.ts';
import { certain, likely, NOTHING, type Situation, UNKNOWN } from './situation.ts';

const CUT_OFF = { store: { reachable: false, error: 'ETIMEDOUT' } };
/** @param views whether each server reaches the store; undefined: it does not show it */
export const seen = (...views: readonly (boolean | undefined)[]): Facts['servers'] => ({
  servers: views.map((reaches, index) => {
    const { store: _, ...without } = server(`i-${index + 1}`);
    return reaches === undefined ? without : { ...without, ...(reaches ? { store: { reachable: true } } : CUT_OFF) };
  }),
});
const allServers = (over: Partial<ServerFacts>): Facts['servers'] => ({ servers: ['i-1', 'i-2'].map((id) => server(id, over)) });

export const GONE = { nodes: [unreachable('node-1'), unreachable('node-2')], dialects: [], sizes: {} };
const PRIMARY_GONE = { nodes: [unreachable('node-1'), node('node-2', 'replica')] };
const ALONE = { automaticFailover: false, members: [{ node: 'node-1', role: 'primary' as const }] };
const ONLY_NODE_GONE = { nodes: [unreachable('node-1')], dialects: [], sizes: {} };

/** A look earlier that found the same. */
export const lookedBefore = (planted: Evidence, minutes: number, before: Evidence = planted): Evidence => ({
  ...planted,
  lookBefore: { atMs: NOW_MS - minutes * 60_000, sources: before.sources },
});
const withEvent = (message: string, planted: Parameters<typeof evidence>[0] = {}): Evidence =>
  evidence({ ...planted, storeGroup: { events: [{ atMs: SIGN_MS, message }] } });

const WHO_SAYS_THAT_THE_STORE_IS_GONE: readonly Situation[] = [
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
    when: 'the look before, which found the same, was a minute ago',
    runbook: 'store-failure',
    planted: lookedBefore(evidence({ store: GONE, servers: seen(true, true, true) }), 1),
    expected: likely('collector-cut-off'),
  },
  {
    when: 'the look before found a primary',
    runbook: 'store-failure',
    planted: lookedBefore(evidence({ store: GONE, servers: seen(true, true, true) }), 2, evidence()),
    expected: likely('collector-cut-off'),
  },
  {
    when: 'the servers did not reach the store at the look before',
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
    expected: likely('store-down'),
  },
  {
    when: 'no node answers the collector, and the servers could not be asked',
    runbook: 'store-failure',
    planted: evidence({ store: GONE, servers: 'no server is registered in web' }),
    expected: likely('store-down'),
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
    expected: certain('store-failing-over'),
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
    expected: certain('store-read-only'),
  },
];

const words = (category: 'storeConnection' | 'readOnly' | 'serialization', count: number) => ({
  application: application({ [category]: count, firstMs: { [category]: SIGN_MS - 60_000 }, lastMs: { [category]: NOW_MS - 1_000 } }),
});
const rolling = { deployId: 'd-1', from: '1.3.0', to: '1.4.0', status: 'RUNNING', startedAtMs: SIGN_MS - 120_000 };
/** The first server has the new release, and loses sessions; the others do not. */
export function unreadable(over: { readonly namesSessions?: number; readonly lost?: boolean } = {}): Evidence {
  const { namesSessions, lost = true } = over;
  const errors = {
    application: {
      ...words('serialization', 40).application,
      ...(namesSessions !== undefined && { sessionSerialization: namesSessions }),
    },
  };
  const losing = { sessions: { ...traces('i-1', 20), ...traces('lost', 9, { lost: true }) } };
  const both = [
    server('i-1', { release: '1.4.0', ...errors, ...(lost && { access: access('i-1', losing) }) }),
    server('i-2', { release: '1.3.0' }),
    server('i-3', {
      release: '1.4.0',
      ...errors,
      ...(lost && { access: access('i-3', { ...losing, sessions: traces('more', 9, { lost: true }) }) }),
    }),
    server('i-4', { release: '1.3.0' }),
  ];
  return evidence({ deploys: { deploys: [rolling] }, servers: { servers: both }, traffic: TURNED_AWAY });
}

const WORDS_ARE_HINTS: readonly Situation[] = [
  {
    when: "two servers' logs have visitors' requests for /redis/timeout, and another fleet's application is refused",
    runbook: 'store-failure',
    planted: evidence({ readings: readingWith({ authenticationFailures: 40 }), servers: allServers(words('storeConnection', 5)) }),
    expected: likely('store-rejects-logins'),
  },
  {
    when: 'logins are refused, and the logs could not be read',
    runbook: 'store-failure',
    planted: evidence({ readings: readingWith({ authenticationFailures: 40 }), servers: 'no server is registered in web' }),
    expected: likely('store-rejects-logins'),
  },
  {
    when: 'logins are refused, and no log of a server has an error of the store',
    runbook: 'store-failure',
    planted: evidence({ readings: readingWith({ authenticationFailures: 40 }) }),
    expected: NOTHING,
  },
  {
    when: "the servers' own connections are refused as those of a wrong user",
    runbook: 'store-failure',
    planted: evidence({ servers: allServers({ store: { reachable: false, error: 'WRONGPASS' }, ...words('storeConnection', 80) }) }),
    expected: certain('store-rejects-logins'),
  },
  {
    when: 'a deploy is rolling, and lines about deserialization name no session',
    runbook: 'logged-out',
    planted: unreadable(),
    expected: likely('unreadable-sessions'),
  },
  {
    when: 'a deploy is rolling, errors name sessions, and no session is lost on the new release',
    runbook: 'logged-out',
    planted: unreadable({ namesSessions: 40, lost: false }),
    expected: likely('unreadable-sessions'),
  },
  {
    when: 'a deploy is rolling, errors name sessions, and sessions are lost on the new release alone',
    runbook: 'logged-out',
    planted: unreadable({ namesSessions: 40 }),
    expected: certain('unreadable-sessions'),
  },
];

const A_FAILOVER_BY_ITS_MEANING: readonly Situation[] = [
  ...[
    'Failover from primary node node-1 to replica node node-2 completed',
    'Failover from master node node-1 to replica node node-2 completed',
    'Failover from primary node node-1 to replica node node-2 complete',
    'Failover to replica node node-2 completed',
  ].map(
    (message): Situation => ({
      when: `ElastiCache reports "${message}"`,
      runbook: 'store-failure',
      planted: withEvent(message),
      expected: certain('store-failing-over'),
    }),
  ),
  ...[
    'Automatic failover has been turned on for replication group sessions',
    'Automatic failover has been turned off for replication group sessions',
    'Test Failover API called for node group 0001',
    'Recovering cache nodes 0001',
  ].map(
    (message): Situation => ({
      when: `ElastiCache reports "${message}"`,
      runbook: 'store-failure',
      planted: withEvent(message),
      expected: NOTHING,
    }),
  ),
  {
    when: 'ElastiCache reports a failover in words that are not known',
    runbook: 'store-failure',
    planted: withEvent('Failover of node group 0001 was requested'),
    expected: likely('store-failing-over'),
  },
];

export const SITUATIONS: readonly Situation[] = [
  ...WHO_SAYS_THAT_THE_STORE_IS_GONE,
  ...WORDS_ARE_HINTS,
  ...A_FAILOVER_BY_ITS_MEANING,
  ...MORE_SITUATIONS,
];
