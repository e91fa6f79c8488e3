/** Situations in which somebody's words are all, or nearly all, that there is. */
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import { access, application, evidence, NOW_MS, readingWith, SIGN_MS, server, TURNED_AWAY, traces } from '../healthy-evidence.ts';
import { allServers, certain, likely, NOTHING, type Situation, withEvent } from './situation.ts';

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
    expected: likely('store-rejects-logins'),
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
      // No node, server or reading shows it: one witness.
      expected: likely('store-failing-over'),
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

export const HINTS: readonly Situation[] = [...WORDS_ARE_HINTS, ...A_FAILOVER_BY_ITS_MEANING];
