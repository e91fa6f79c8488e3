import type { MetricDatum } from '../../interfaces.ts';
import { CACHE_NODE_ID } from '../group-spec.ts';
import type { ElastiCacheState } from '../state.ts';
import type { CacheNode } from './cache-node.ts';
import { authenticationFailures, keyCounts, numberOf, readTime, replicaLagSeconds, type ServerInfo } from './server-info.ts';

const SECTIONS = ['clients', 'memory', 'stats', 'replication', 'cpu', 'keyspace', 'server', 'commandstats'] as const;

/** One reading of a node. */
export interface NodeSample {
  readonly atMs: number;
  readonly info: ServerInfo;
}

/** Records every node's metrics again and again until stopped. */
export function startMetrics(state: ElastiCacheState): { stop(): void } {
  const { metricPeriodMs, metrics, now } = state.options;
  let previous = new Map<string, NodeSample>();
  let stopped = false;

  const collect = async (): Promise<void> => {
    const samples = new Map<string, NodeSample>();
    const data: MetricDatum[] = [];
    for (const group of state.groups.values()) {
      const { nodes, primary } = group.running ?? { nodes: [] as CacheNode[], primary: undefined };
      for (const node of nodes) {
        const info = await node.info(...SECTIONS).catch(() => undefined);
        if (info) samples.set(node.id, { atMs: now(), info });
      }
      for (const node of nodes) {
        const sample = samples.get(node.id);
        const lag =
          primary && node !== primary ? replicaLagSeconds(samples.get(primary.id)?.info ?? new Map(), node.address.port) : undefined;
        if (sample) data.push(...nodeMetrics(node.id, sample, previous.get(node.id), lag));
      }
    }
    previous = samples;
    if (data.length > 0 && !stopped) metrics.record(data);
  };

  let timer: NodeJS.Timeout;
  const schedule = (): void => {
    timer = setTimeout(async () => {
      await collect().catch((error: Error) => state.options.log(`elasticache metrics: ${error.message}`));
      if (!stopped) schedule();
    }, metricPeriodMs);
    timer.unref();
  };
  schedule();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/**
 * A node's metrics from two readings. A counter's metric is its growth since the previous reading; after a restart, and at the
 * first reading, everything counted so far.
 *
 * @param lagSeconds for a replica that its primary knows
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
 */
export function nodeMetrics(
  cacheClusterId: string,
  sample: NodeSample,
  previous: NodeSample | undefined,
  lagSeconds: number | undefined,
): readonly MetricDatum[] {
  const { info, atMs } = sample;
  const sameRun = previous?.info.get('run_id') === info.get('run_id') ? previous : undefined;
  const growth = (field: string): number => Math.max(0, numberOf(info, field) - (sameRun ? numberOf(sameRun.info, field) : 0));
  const { keys, expires } = keyCounts(info);
  const hits = growth('keyspace_hits');
  const misses = growth('keyspace_misses');
  const maxMemory = numberOf(info, 'maxmemory');
  const usedMemory = numberOf(info, 'used_memory');
  const elapsedSeconds = sameRun ? (atMs - sameRun.atMs) / 1000 : numberOf(info, 'uptime_in_seconds');
  const cpuSeconds = growth('used_cpu_sys_main_thread') + growth('used_cpu_user_main_thread');

  const reads = readTime(info);
  const before = sameRun ? readTime(sameRun.info) : { calls: 0, microseconds: 0 };
  const readCalls = reads.calls - before.calls;

  const values: readonly (readonly [name: string, value: number | undefined, unit: string])[] = [
    ['EngineCPUUtilization', elapsedSeconds > 0 ? Math.min(100, (cpuSeconds / elapsedSeconds) * 100) : 0, 'Percent'],
    ['DatabaseMemoryUsagePercentage', maxMemory > 0 ? (usedMemory / maxMemory) * 100 : 0, 'Percent'],
    ['BytesUsedForCache', usedMemory, 'Bytes'],
    ['Evictions', growth('evicted_keys'), 'Count'],
    ['CacheHits', hits, 'Count'],
    ['CacheMisses', misses, 'Count'],
    ['CacheHitRate', hits + misses > 0 ? (hits / (hits + misses)) * 100 : undefined, 'Percent'],
    ['GetTypeCmdsLatency', readCalls > 0 ? (reads.microseconds - before.microseconds) / readCalls : undefined, 'Microseconds'],
    ['CurrItems', keys, 'Count'],
    ['CurrVolatileItems', expires, 'Count'],
    ['CurrConnections', numberOf(info, 'connected_clients'), 'Count'],
    ['NewConnections', growth('total_connections_received'), 'Count'],
    ['ReplicationLag', lagSeconds, 'Seconds'],
    ['IsPrimary', info.get('role') === 'master' ? 1 : 0, 'Count'],
    ['AuthenticationFailures', authenticationFailures(info) - (sameRun ? authenticationFailures(sameRun.info) : 0), 'Count'],
    // Engines before 7.2 do not count these.
    ['CommandAuthorizationFailures', info.has('acl_access_denied_cmd') ? growth('acl_access_denied_cmd') : undefined, 'Count'],
    ['KeyAuthorizationFailures', info.has('acl_access_denied_key') ? growth('acl_access_denied_key') : undefined, 'Count'],
  ];
  return values.flatMap(([name, value, unit]) =>
    value === undefined
      ? []
      : [
          {
            namespace: 'AWS/ElastiCache',
            name,
            dimensions: { CacheClusterId: cacheClusterId, CacheNodeId: CACHE_NODE_ID },
            values: [value],
            unit,
            timestampMs: atMs,
          },
        ],
  );
}
