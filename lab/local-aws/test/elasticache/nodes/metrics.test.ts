import { describe, expect, test } from 'vitest';
import { nodeMetrics } from '../../../elasticache/nodes/metrics.ts';
import { keyCounts, parseInfo, replicaLagSeconds } from '../../../elasticache/nodes/server-info.ts';

const info = (fields: Record<string, string | number>) => new Map(Object.entries(fields).map(([name, value]) => [name, String(value)]));
const byName = (data: ReturnType<typeof nodeMetrics>) => Object.fromEntries(data.map(({ name, values }) => [name, values[0]]));

describe('node metrics', () => {
  const first = {
    atMs: 0,
    info: info({ run_id: 'a', keyspace_hits: 100, keyspace_misses: 100, used_cpu_user_main_thread: 1, used_cpu_sys_main_thread: 1 }),
  };
  const second = {
    atMs: 60_000,
    info: info({
      run_id: 'a',
      role: 'slave',
      keyspace_hits: 190,
      keyspace_misses: 110,
      used_cpu_user_main_thread: 4,
      used_cpu_sys_main_thread: 4,
      used_memory: 50,
      maxmemory: 200,
      db0: 'keys=10,expires=7,avg_ttl=0',
      db3: 'keys=1,expires=1',
    }),
  };

  test('counters give their growth, gauges their value', () => {
    expect(byName(nodeMetrics('g-001', second, first, 2))).toMatchObject({
      CacheHits: 90,
      CacheMisses: 10,
      CacheHitRate: 90,
      EngineCPUUtilization: 10,
      DatabaseMemoryUsagePercentage: 25,
      CurrItems: 11,
      CurrVolatileItems: 8,
      ReplicationLag: 2,
      IsPrimary: 0,
    });
  });

  test('after a restart of the node everything counts', () => {
    const restarted = { ...second, info: new Map([...second.info, ['run_id', 'b']]) };
    expect(byName(nodeMetrics('g-001', restarted, first, undefined))).toMatchObject({ CacheHits: 190, CacheMisses: 110 });
  });

  test('a primary has no replication lag, and silence has no hit rate', () => {
    const names = nodeMetrics('g-001', { ...first, atMs: 60_000 }, first, undefined).map(({ name }) => name);
    expect(names).not.toContain('ReplicationLag');
    expect(names).not.toContain('CacheHitRate');
  });

  test('reads have their mean time since the previous reading', () => {
    const reads = (calls: number, usec: number) => ({
      cmdstat_get: `calls=${calls},usec=${usec},usec_per_call=1.00`,
      cmdstat_set: 'calls=9,usec=999',
    });
    const earlier = { atMs: 0, info: info({ run_id: 'a', ...reads(10, 100) }) };
    const later = { atMs: 60_000, info: info({ run_id: 'a', ...reads(30, 180) }) };
    expect(byName(nodeMetrics('g-001', later, earlier, undefined))).toMatchObject({ GetTypeCmdsLatency: 4 });
    expect(byName(nodeMetrics('g-001', later, later, undefined))).not.toHaveProperty('GetTypeCmdsLatency');
  });

  test('the dimensions are the cluster and its node', () => {
    expect(nodeMetrics('g-001', second, first, 0)[0]?.dimensions).toEqual({ CacheClusterId: 'g-001', CacheNodeId: '0001' });
  });
});

test('INFO is read', () => {
  const parsed = parseInfo(
    '# Replication\r\nrole:master\r\nslave0:ip=127.0.0.1,port=21001,state=online,offset=1,lag=3\r\n\r\n# Keyspace\r\ndb0:keys=2,expires=1\r\n',
  );
  expect(replicaLagSeconds(parsed, 21001)).toBe(3);
  expect(replicaLagSeconds(parsed, 2100)).toBeUndefined();
  expect(keyCounts(parsed)).toEqual({ keys: 2, expires: 1 });
});
