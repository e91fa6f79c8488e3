import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { PROBLEM_METRICS, STORE_METRICS } from '../../functions/collect/contract.ts';
import { CURVES, dashboardName, replicationGroupId } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../config.ts';
import { storeMetric, STORE_THRESHOLDS as THRESHOLDS } from '../constructs/store/store-alarms.ts';
import { alarmStates, deployEnds, filled, graph, numbers } from './parts.ts';

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

export interface StoreDashboardsProps {
  readonly installation: string;
  readonly fleets: readonly string[];
  readonly alarms: readonly cloudwatch.Alarm[];
  /** Ids of the replication group's members; absent where they are unknown: then only the collector's metrics exist. */
  readonly nodes: readonly string[] | undefined;
  /** Applications that no fleet deploys use the store: what is evicted can be other keys than sessions. */
  readonly isShared: boolean;
  readonly latestSweeps: cloudwatch.IWidget;
  readonly latestIncidents: cloudwatch.IWidget | undefined;
}

export function storeDashboards(scope: Construct, props: StoreDashboardsProps): void {
  sessions(scope, props);
  store(scope, props);
}

function sessions(scope: Construct, { installation, fleets, alarms, nodes, latestSweeps, latestIncidents }: StoreDashboardsProps): void {
  const metric = (name: string, statistic: string, label: string) => storeMetric(installation, name, statistic).with({ label });
  const active = metric(STORE_METRICS.activeSessions, 'Average', 'active sessions (estimate)');
  const trouble = (name: string, statistic: string, label: string) => filled(metric(name, statistic, label), label, active);
  const hitRate = metric(STORE_METRICS.hitRatePercent, 'Average', 'hit rate (percent)');
  const withoutTtl = trouble(PROBLEM_METRICS.withoutTtl, 'Maximum', 'keys without TTL');
  const secondsUntilFull = metric(PROBLEM_METRICS.secondsUntilFull, 'Minimum', 'seconds until full');
  const events = deployEnds(fleets);
  new cloudwatch.Dashboard(scope, 'Sessions', {
    dashboardName: dashboardName(installation, 'sessions'),
    defaultInterval: Duration.hours(3),
    widgets: [
      [numbers('Now', [active, hitRate, withoutTtl])],
      ...(latestIncidents ? [[latestIncidents]] : []),
      [
        graph({ title: CURVES.sessions, left: [active], unit: 'sessions', events }),
        graph({ title: 'Hit rate', left: [hitRate], unit: 'percent', max: 100, events }),
        graph({
          title: 'Keys without TTL that should have one',
          left: [withoutTtl, trouble(PROBLEM_METRICS.unrepaired, 'Maximum', 'not repaired by the last sweep')],
          unit: 'keys',
          threshold: { value: THRESHOLDS['keys-without-ttl'], label: 'keys-without-ttl' },
        }),
      ],
      [
        graph({
          title: nodes ? 'Memory' : 'Memory (data above 50 % only)',
          left: nodes
            ? nodeMetrics(nodes, 'DatabaseMemoryUsagePercentage', 'Maximum')
            : [metric(PROBLEM_METRICS.memoryPercent, 'Maximum', 'fullest primary')],
          unit: 'percent',
          max: 100,
          threshold: { value: THRESHOLDS['memory-percent'], label: 'memory-percent' },
        }),
        graph({
          title: 'Time until memory is full (data below two days only)',
          left: [
            new cloudwatch.MathExpression({
              expression: 'secondsUntilFull / 3600',
              usingMetrics: { secondsUntilFull },
              label: 'hours',
              period: Duration.minutes(1),
            }),
          ],
          unit: 'hours',
          threshold: { value: THRESHOLDS['time-to-full'] / 3_600, label: 'time-to-full' },
        }),
        ...(nodes
          ? [graph({ title: 'Read latency in the store', left: nodeMetrics(nodes, 'GetTypeCmdsLatency', 'Average'), unit: 'µs', events })]
          : []),
      ],
      [latestSweeps],
      [alarmStates('Alarms on the store', alarms)],
    ],
  });
}

function store(scope: Construct, { installation, fleets, alarms, nodes, isShared }: StoreDashboardsProps): void {
  const evicted = isShared ? 'keys' : 'sessions';
  const trouble = (name: string, statistic: string, label: string) =>
    filled(storeMetric(installation, name, statistic), label, storeMetric(installation, STORE_METRICS.activeSessions, 'Average'));
  const failovers = trouble(PROBLEM_METRICS.failovers, 'Sum', 'failovers');
  const perNode = (title: string, metricName: string, statistic: string, unit: string, max?: number) =>
    nodes ? [graph({ title, left: nodeMetrics(nodes, metricName, statistic), unit, ...(max !== undefined && { max }) })] : [];
  new cloudwatch.Dashboard(scope, 'Store', {
    dashboardName: dashboardName(installation, 'store'),
    defaultInterval: Duration.hours(3),
    widgets: [
      [
        ...perNode('Engine CPU', 'EngineCPUUtilization', 'Average', 'percent', 100),
        graph({
          title: 'Replication lag, slowest replica',
          left: [trouble(PROBLEM_METRICS.replicationLagSeconds, 'Maximum', 'seconds behind')],
          unit: 's',
          threshold: { value: THRESHOLDS['replication-lag'], label: 'replication-lag' },
        }),
        graph({ title: 'Failovers', left: [failovers], unit: 'failovers', events: deployEnds(fleets) }),
      ],
      [
        graph({ title: 'Evictions', left: [trouble(PROBLEM_METRICS.evictions, 'Sum', `${evicted} evicted`)], unit: evicted }),
        ...perNode('Connections', 'CurrConnections', 'Maximum', 'connections'),
        graph({
          title: 'Failed logins',
          left: [trouble(PROBLEM_METRICS.authenticationFailures, 'Sum', 'failed logins')],
          unit: 'logins',
          threshold: { value: THRESHOLDS['authentication-failures'], label: 'authentication-failures' },
        }),
      ],
      [
        ...perNode('Primary node', 'IsPrimary', 'Maximum', '1: primary', 1),
        ...perNode('Memory used', 'BytesUsedForCache', 'Maximum', 'bytes'),
        ...perNode('Keys', 'CurrItems', 'Maximum', 'keys'),
      ],
      [alarmStates('Alarms on the store', alarms)],
    ].filter((row) => row.length > 0),
  });
}
