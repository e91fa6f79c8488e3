/**
 * Each fact that a row asks for is made in production: by a collector, or by the document that runs on servers. A row that rests on a
 * field or a value that nothing makes could never be found.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loginRefused } from '../../../../functions/incidents/classify/facts/servers-up.ts';
import { describeServer } from '../../../../functions/incidents/collect/describe-server.ts';
import { readAnswer } from '../../../../functions/incidents/collect/read-answer.ts';
import { describeFailure, describeNode, timed } from '../../../../functions/incidents/collect/store/describe-node.ts';
import type { StoreNodeFacts } from '../../../../functions/incidents/contract/store-facts.ts';
import { CASES } from './cases.ts';
import { readByRows } from './read-facts.ts';
import { SITUATIONS } from './situations.ts';

const COLLECT = 'functions/incidents/collect';
const DOCUMENTS = 'server/documents';
/** Files that make the facts below a path; the longest path counts. */
const PRODUCERS: Readonly<Record<string, readonly string[]>> = {
  balancer: [`${COLLECT}/collect-balancer.ts`, 'functions/shared/aws/front.ts'],
  traffic: [`${COLLECT}/collect-traffic.ts`, 'functions/incidents/contract/traffic-shares.ts', 'functions/shared/aws/balancer-metrics.ts'],
  deploys: [`${COLLECT}/collect-deploys.ts`],
  sweeps: [`${COLLECT}/collect-sweeps.ts`],
  'sweeps.sweeps[].unknownGrowth': ['functions/sweep/report/compare-shapes.ts'],
  scaling: [`${COLLECT}/collect-scaling.ts`],
  changes: [`${COLLECT}/read-change.ts`],
  canary: [`${COLLECT}/collect-canary.ts`],
  storeGroup: ['functions/shared/aws/signed/replication-group.ts'],
  'store.nodes[]': [`${COLLECT}/store/describe-node.ts`, `${COLLECT}/store/store.ts`],
  'store.dialects[]': [`${COLLECT}/store/summarize-sample.ts`],
  'store.sizes': [`${COLLECT}/store/store.ts`],
  'readings.reading': [
    'functions/collect/take-reading.ts',
    'functions/collect/estimate-sessions.ts',
    'functions/collect/measure-sessions.ts',
  ],
  'readings.reading.nodes[]': ['functions/collect/read-node.ts'],
  'readings.minutes': ['functions/incidents/collect/sources.ts'],
  'readings.lastFailover': ['functions/incidents/collect/sources.ts'],
  'readings.window[]': ['functions/collect/take-reading.ts'],
  'servers.servers[]': [`${COLLECT}/describe-server.ts`, `${COLLECT}/collect-servers.ts`],
  'servers.servers[].gate': [`${DOCUMENTS}/read_logs.py`],
  'servers.servers[].store': [`${DOCUMENTS}/own_view.py`],
  'servers.servers[].cookie': [`${DOCUMENTS}/own_view.py`],
  'servers.servers[].application': [`${DOCUMENTS}/application_log.py`, `${DOCUMENTS}/log_categories.py`],
  'servers.servers[].access': [`${DOCUMENTS}/access_log.py`, `${DOCUMENTS}/other_sites.py`, `${DOCUMENTS}/session_traces.py`],
  'servers.servers[].access.byMinute': [`${COLLECT}/describe-server.ts`],
  'servers.servers[].access.errorsByMinutePath': [`${COLLECT}/request-counts.ts`],
  'servers.servers[].application.byMinute': [`${COLLECT}/describe-server.ts`, `${COLLECT}/read-answer.ts`],
  'servers.servers[].access.byMinute[]': [`${COLLECT}/describe-server.ts`, 'functions/incidents/collect/request-counts.ts'],
  'servers.servers[].access.byPath[]': [`${COLLECT}/describe-server.ts`, 'functions/incidents/collect/request-counts.ts'],
  'servers.servers[].access.sessions{}': [`${COLLECT}/describe-server.ts`, `${COLLECT}/join-servers.ts`],
};

const REPOSITORY = path.resolve(import.meta.dirname, '../../../..');
const makersOf = (fact: string) =>
  PRODUCERS[
    Object.keys(PRODUCERS)
      .filter((one) => fact === one || fact.startsWith(`${one}.`) || fact.startsWith(`${one}{`))
      .toSorted((one, other) => other.length - one.length)[0] ?? ''
  ] ?? [];
const isMadeIn = (file: string, field: string) => new RegExp(`\\b${field}\\b`).test(readFileSync(path.join(REPOSITORY, file), 'utf8'));

describe('a fact that rows ask for', () => {
  const read = readByRows([...CASES, ...SITUATIONS].map(({ planted }) => planted));

  it('is a field that its collector, or the document on servers, makes', () => {
    expect(read.size).toBeGreaterThan(100);
    const unmade = [...read].filter(([fact]) => {
      const field = /(\w+)(?:\{\}|\[\])?$/.exec(fact)?.[1] ?? '';
      return !makersOf(fact).some((file) => isMadeIn(file, field));
    });
    expect(unmade.map(([fact, causes]) => `${fact}: ${[...causes].join(', ')}`)).toEqual([]);
  });

  it('would be found missing', () => {
    expect(makersOf('servers.servers[].store.refusedSinceMs').some((file) => isMadeIn(file, 'refusedSinceMs'))).toBe(false);
  });
});

/** What each state of a node is read from: an engine's words. */
const STATES: Readonly<Record<StoreNodeFacts['state'], readonly StoreNodeFacts[]>> = {
  ok: [describeNode('n', 'role:master\r\nloading:0', true), describeNode('n', 'role:slave\r\nmaster_link_status:up', false)],
  readOnly: [describeNode('n', 'role:slave\r\nmaster_link_status:down', true)],
  loading: [
    describeNode('n', 'role:master\r\nloading:1', true),
    describeFailure('n', new Error('LOADING Redis is loading the dataset in memory')),
    describeFailure('n', new Error("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")),
  ],
  refusedLogin: [
    'WRONGPASS invalid username-password pair or user is disabled.',
    'NOAUTH Authentication required.',
    "NOPERM User collector has no permissions to run the 'info' command",
  ].map((text) => describeFailure('n', new Error(text))),
  noConnections: [describeFailure('n', new Error('ERR max number of clients reached'))],
  busy: [
    describeFailure('n', new Error('BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.')),
    describeFailure('n', new Error('BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.')),
  ],
  slow: [timed(describeNode('n', 'role:master\r\nloading:0', true), 1_100)],
  unreachable: [describeFailure('n', new Error('connect ETIMEDOUT')), describeFailure('n', new Error('Connection is closed.'))],
};

it.each(Object.entries(STATES))('the state %s of a node is made of what engines say', (state, nodes) => {
  expect(nodes.map((node) => node.state)).toEqual(nodes.map(() => state));
});

/** What read-logs prints of the store (read-logs/store-login.test.ts runs it on a real one), and what rows take it for. */
it.each([
  [{ reachable: true }, false, undefined],
  [{ reachable: true, loginUntried: true }, false, undefined],
  [{ reachable: false, error: 'ETIMEDOUT: no answer within 3 s' }, false, 'ETIMEDOUT'],
  [{ reachable: false, error: 'WRONGPASS' }, true, 'WRONGPASS'],
])('the document’s view of the store %j reaches the rows', (store, refused, error) => {
  const application = undefined;
  const printed = { release: 'none', application, store, gaps: [] };
  const answer = readAnswer('read-logs', { state: 'succeeded', output: JSON.stringify(printed), statusDetails: 'Success' } as never, {
    fromMs: 0,
    toMs: 1,
  });
  if (typeof answer === 'string') throw new Error(answer);
  const server = describeServer('i-1', answer, undefined);
  expect(server.store?.reason).toBe(error === undefined ? undefined : { ETIMEDOUT: 'timeout', WRONGPASS: 'auth' }[error]);
  expect([loginRefused(server), server.store?.error, server.store?.loginUntried]).toEqual([
    refused,
    error,
    'loginUntried' in store ? true : undefined,
  ]);
});
