import { expect, it } from 'vitest';
import { readNode } from '../../../functions/collect/read-node.ts';
import { primaryInfo, replicaInfo } from './info.ts';

it('reads a primary with its replicas', () => {
  expect(readNode('a:1', primaryInfo())).toEqual({
    name: 'a:1',
    runId: 'a'.repeat(40),
    role: 'primary',
    isClustered: false,
    uptimeSeconds: 86_400,
    databases: [{ database: 0, keys: 110, expires: 100 }],
    memoryUsedBytes: 400,
    datasetBytes: 300,
    memoryMaxBytes: 1_000,
    counters: { hits: 1_000, misses: 100, evictions: 5, expired: 0, authenticationFailures: 2, refusedWrites: 0, engineSeconds: 300.5 },
    connections: 12,
    maxConnections: 1_000,
    replicationId: 'c'.repeat(40),
    idleMark: '//lru',
    isLoading: false,
    linkUp: false,
    lastHeardSeconds: undefined,
    offset: 5_000,
    replicas: [
      { name: 'slave0', host: '10.0.0.2', port: 6379, state: 'online', offset: 4_900, lagSeconds: 1 },
      { name: 'slave1', host: '10.0.0.3', port: 6379, state: 'online', offset: 5_000, lagSeconds: 0 },
    ],
    linkDownSeconds: 0,
  });
});

it('counts the keys of each database', () => {
  const { databases } = readNode('a:1', primaryInfo({ db3: 'keys=7,expires=1,avg_ttl=0,subexpiry=0', db10: 'keys=1,expires=0' }));
  expect(databases).toEqual([
    { database: 0, keys: 110, expires: 100 },
    { database: 3, keys: 7, expires: 1 },
    { database: 10, keys: 1, expires: 0 },
  ]);
});

it('knows an empty store', () => {
  expect(readNode('a:1', 'role:master\r\nrun_id:x\r\n')).toMatchObject({
    databases: [],
    memoryUsedBytes: 0,
    memoryMaxBytes: undefined,
  });
});

it('takes no limit of memory for none, rather than for full', () => {
  expect(readNode('a:1', primaryInfo({ maxmemory: 0 })).memoryMaxBytes).toBeUndefined();
});

it('reports that an engine does not count refused log-ins, rather than zero', () => {
  expect(readNode('b:1', replicaInfo()).counters.authenticationFailures).toBeNull();
});

it.each([
  [{ errorstat_OOM: 'count=4', errorstat_READONLY: 'count=3', errorstat_WRONGTYPE: 'count=9' }, 7],
  [{ errorstat_NOREPLICAS: 'count=2', errorstat_MISCONF: 'count=1' }, 3],
  [{}, 0],
])('counts the writes that a node refused by what it answered: %j', (errors, refusedWrites) => {
  expect(readNode('a:1', primaryInfo(errors)).counters.refusedWrites).toBe(refusedWrites);
});

it('reports that an engine counts neither refused writes nor the time of its one thread, rather than zero', () => {
  expect(readNode('b:1', replicaInfo()).counters).toMatchObject({ refusedWrites: null, engineSeconds: null });
});

it("does not take the whole process's time for that of its one thread: it has the threads for connections as well", () => {
  expect(readNode('b:1', replicaInfo({ used_cpu_sys: 10, used_cpu_user: 20 })).counters.engineSeconds).toBeNull();
});

it('reads since when a replica has lost its primary', () => {
  const lost = replicaInfo({ master_link_status: 'down', master_link_down_since_seconds: 42 });
  expect(readNode('b:1', lost)).toMatchObject({ role: 'replica', linkDownSeconds: 42 });
});
