import type { GroupOptions } from '../../processes/process-group.ts';
import type { SubnetLookup } from '../ec2/instance-resource.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { CertificateAuthority, Log, MetricSink, Now, TopicPublisher } from '../interfaces.ts';
import type { StoreProxy } from './access/faulty-proxy.ts';
import type { EngineServers } from './engine-servers.ts';

/** What the service needs from its owner. Times are in milliseconds. */
export interface ElastiCacheOptions {
  readonly now: Now;
  readonly region: string;
  /** The service writes below this folder only: `<group id>/<node id>/`. */
  readonly folder: string;
  /** At most one per engine, each version 7 or newer, the preferred one first. */
  readonly servers: EngineServers;
  /** Where servers and Sentinels are entered while they run. @default nowhere, as in {@link GroupOptions} */
  readonly ledger?: GroupOptions['ledger'];
  readonly certificates: CertificateSource;
  /** Verifies who signed an IAM user's token, and what their policies allow. */
  readonly access: Pick<AccessControl, 'authenticatePresigned' | 'permit'>;
  readonly topics: TopicPublisher;
  readonly metrics: MetricSink;
  /** Zone and VPC of a subnet, for subnet groups. @default each subnet that is named is in one VPC, in zone a */
  readonly subnet?: SubnetLookup;
  readonly log: Log;
  readonly failoverSettings: {
    /** A primary that does not answer for this time is failed over. Sentinel pings once a second: below 1000 it can be too early. */
    readonly downAfterMs: number;
    /** Time limit of a failover; Sentinel waits twice as long between two failovers of its own. */
    readonly failoverTimeoutMs: number;
  };
  /** Delay until a node that ended is replaced. @default 5000 */
  readonly replacementDelayMs?: number;
  /** How often a group looks at its nodes, and for connections whose time is over: Sentinel's messages come earlier. @default 500 */
  readonly pollMs?: number;
  /** How often metrics are recorded. @default 60000 */
  readonly metricPeriodMs?: number;
  /** Upper bound of a local node's memory, whatever its node type has. @default 128 MiB */
  readonly maxNodeMemoryBytes?: number;
  /** What is in front of the nodes of this group. @default nothing */
  readonly proxy?: (groupId: string) => StoreProxy | undefined;
  /** The host name in endpoints; the certificate must be for it. @default "localhost" */
  readonly endpointHost?: string;
}

/** A CertificateAuthority, or one that takes its time. */
export interface CertificateSource {
  issue(names: readonly string[]): ReturnType<CertificateAuthority['issue']> | Promise<ReturnType<CertificateAuthority['issue']>>;
}

export interface ResolvedOptions extends Required<Omit<ElastiCacheOptions, 'ledger'>>, Pick<ElastiCacheOptions, 'ledger'> {}

export function resolveOptions(options: ElastiCacheOptions): ResolvedOptions {
  return {
    replacementDelayMs: 5_000,
    pollMs: 500,
    metricPeriodMs: 60_000,
    maxNodeMemoryBytes: 128 * 1024 * 1024,
    endpointHost: 'localhost',
    proxy: () => undefined,
    subnet: async () => ({ availabilityZone: `${options.region}a`, vpcId: 'vpc-local' }),
    ...options,
  };
}
