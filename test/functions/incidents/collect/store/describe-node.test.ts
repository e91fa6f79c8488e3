/** A node by its INFO, or by why it could not be read. */
import { describe, expect, it } from 'vitest';
import { describeFailure, describeNode, timed } from '../../../../../functions/incidents/collect/store/describe-node.ts';

const PRIMARY = [
  'role:master',
  'uptime_in_seconds:90',
  'used_memory:900',
  'maxmemory:1000',
  'used_memory_dataset:500',
  'mem_fragmentation_ratio:1.25',
  'evicted_keys:7',
  'errorstat_OOM:count=3',
  'total_error_replies:4',
  'maxmemory_policy:allkeys-lru',
  'connected_clients:12',
].join('\r\n');

describe('describeNode', () => {
  it('gives a primary’s memory, buffers, evictions and refused writes', () => {
    expect(describeNode('a:6379', PRIMARY, true)).toEqual({
      name: 'a:6379',
      state: 'ok',
      role: 'primary',
      uptimeSeconds: 90,
      memoryUsedBytes: 900,
      memoryMaxBytes: 1000,
      datasetBytes: 500,
      rejectedWrites: 3,
      policy: 'allkeys-lru',
    });
  });

  it('leaves out what the node does not say', () => {
    expect(describeNode('a', 'role:master\nmaxmemory:0', true)).toEqual({ name: 'a', state: 'ok', role: 'primary' });
    expect(describeNode('a', 'role:master\ntotal_error_replies:2', true)).toMatchObject({ rejectedWrites: 0 });
  });

  it.each([
    ['a replica where writes are expected', 'role:slave\nmaster_link_status:up', true, { state: 'readOnly', role: 'replica' }],
    ['a replica elsewhere', 'role:slave\nmaster_link_status:down', false, { state: 'ok', role: 'replica' }],
    ['a replica of a cluster, behind whose address is any node', 'role:slave\r\ncluster_enabled:1', true, { state: 'ok', role: 'replica' }],
    ['one that loads', 'role:slave\nloading:1', true, { state: 'loading' }],
  ] as const)('reports %s', (_name, info, isEndpoint, facts) => {
    expect(describeNode('a', info, isEndpoint)).toMatchObject(facts);
  });
});

describe('describeFailure', () => {
  it.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'refusedLogin'],
    ['ERR max number of clients reached', 'noConnections'],
    ['LOADING Redis is loading the dataset in memory', 'loading'],
    // Recorded: Valkey 8.0.1 in the middle of EVAL, by ioredis 5 through the functions' connector; and what that gives for the others.
    ['BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.', 'busy'],
  ] as const)('%s: %s', (message, state) => {
    expect(describeFailure('a', new Error(`${message}\n    at frame`))).toEqual({ name: 'a', state, error: message });
  });

  it.each([
    ['connect ECONNREFUSED 127.0.0.1:7399', 'refused', 'connect ECONNREFUSED (address):7399'],
    ['getaddrinfo ENOTFOUND sessions.invalid', 'dns'],
    ['connect ETIMEDOUT', 'timeout'],
    ['Command timed out', 'timeout'],
    ['no answer within 10 s', 'timeout'],
    ['certificate has expired', 'tls'],
    ['a:6379 answers only over TLS, and the settings do not use TLS', 'tls'],
    ['the connection was closed', 'other'],
  ] as const)('%s: unreachable, %s', (message, unreachableReason, kept: string = message) => {
    expect(describeFailure('a', new Error(`${message}\n    at frame`))).toEqual({
      ...{ name: 'a', state: 'unreachable', unreachableReason },
      error: kept,
    });
  });
});

// INFO took 2,526 ms of a Valkey 8.0.1 after CLIENT PAUSE 2500 ALL, and 2,798 ms during DEBUG SLEEP 3.
it.each([
  ['role:master', 2_526, { state: 'slow', pingMs: 2_526 }],
  ['role:master', 1_000, { state: 'ok', pingMs: 1_000 }],
  ['role:master\nloading:1', 2_798, { state: 'loading', pingMs: 2_798 }],
])('%j after %d ms: %j', (info, ms, facts) => {
  expect(timed(describeNode('a', info, true), ms)).toMatchObject(facts);
});
