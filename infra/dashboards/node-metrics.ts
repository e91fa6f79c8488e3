import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';

/** Nodes of a replication group. ElastiCache publishes their metrics without charge. */
export interface StoreNodes {
  readonly replicationGroupId: string;
  readonly count: number;
}

/** A node of Redis OSS or Valkey is a cluster of one. */
const NODE_ID = '0001';

/**
 * One series per node: ElastiCache numbers the nodes of a group without cluster mode from 001 on.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
 */
export const nodeMetrics = (nodes: StoreNodes | undefined, metricName: string, statistic: string): cloudwatch.Metric[] =>
  Array.from({ length: nodes?.count ?? 0 }, (_, index) => {
    const name = `${nodes?.replicationGroupId}-${String(index + 1).padStart(3, '0')}`;
    return new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache',
      metricName,
      dimensionsMap: { CacheClusterId: name, CacheNodeId: NODE_ID },
      statistic,
      period: Duration.minutes(1),
      label: name,
    });
  });
