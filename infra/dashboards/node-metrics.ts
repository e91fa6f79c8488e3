import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import { replicationGroupId } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../config.ts';

/** A node of Redis OSS or Valkey is a cluster of one. */
const NODE_ID = '0001';

/**
 * One series per node, which ElastiCache publishes without charge.
 * @param members ids of the replication group's clusters
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
 */
export const nodeMetrics = (members: readonly string[], metricName: string, statistic: string): cloudwatch.Metric[] =>
  members.map(
    (name) =>
      new cloudwatch.Metric({
        namespace: 'AWS/ElastiCache',
        metricName,
        dimensionsMap: { CacheClusterId: name, CacheNodeId: NODE_ID },
        statistic,
        period: Duration.minutes(1),
        label: name,
      }),
  );

type Existing = NonNullable<HoldfastConfig['store']['existing']>;

/** Ids of the members with metrics of ElastiCache's. Undefined for an existing store without a replication group's id, or whose members are unknown. */
export function storeMembers({ installation, store }: Pick<HoldfastConfig, 'installation' | 'store'>): readonly string[] | undefined {
  if (!store.existing) return numbered(replicationGroupId(installation), store.replicas);
  const { replicationGroupId: id, replicas } = store.existing;
  if (id === undefined) return undefined;
  return namedByHosts(store.existing) ?? (isClustered(store.existing) ? undefined : numbered(id, replicas));
}

/** Members of a group without cluster mode. With it they have their shard's number too, as `ID-0001-001`, and shards come and go. */
const numbered = (id: string, replicas: number): readonly string[] =>
  Array.from({ length: 1 + replicas }, (_, index) => `${id}-${String(index + 1).padStart(3, '0')}`);

/** A node's own endpoint begins with its member's id; an address or a name of somebody's own does not. */
function namedByHosts({ nodes = [] }: Existing): readonly string[] | undefined {
  const areNamed = nodes.length > 0 && nodes.every(({ host }) => ELASTICACHE_HOST.test(host));
  return areNamed ? nodes.map(({ host }) => host.slice(0, host.indexOf('.'))) : undefined;
}

const ELASTICACHE_HOST = /\.cache\.amazonaws\.com(\.cn)?$/;

/** Of the group's configuration endpoint, with TLS `clustercfg.ID.….cache.amazonaws.com`, without `ID.….clustercfg.….cache.amazonaws.com`. */
const isClustered = ({ host }: Existing): boolean => host.split('.').includes('clustercfg');
