import { describeEngines, type EngineServers } from './engine-servers.ts';

/** Features of ElastiCache that the local cloud does not have, with the servers of this machine. */
export const notEmulated = (servers: EngineServers): readonly string[] => [
  'Cluster mode: a replication group has one node group; a request for more is refused.',
  'Memcached, serverless caches, global datastores, CreateCacheCluster (single nodes are created as replication groups), reserved nodes and service updates.',
  'Snapshots: none are taken, listed or restored; with a retention limit the server only saves to its own folder.',
  describeEngines(servers),
  'Metrics: only CPU, memory, items, hits, connections, replication and rejected logins; CommandAuthorizationFailures and KeyAuthorizationFailures need engine 7.2 or newer.',
  'elasticache:Connect is evaluated without the condition key aws:SourceIp, and a token is also accepted inside MULTI, where ElastiCache refuses it.',
  'Encryption at rest and KMS keys, subnets, security groups, Availability Zones and maintenance windows are recorded only.',
  'The Port of a replication group: endpoints use free ports of this machine, so read the port from the endpoint.',
  'Transit encryption mode preferred: with encryption in transit, endpoints accept TLS only.',
  'Blocked commands such as CONFIG fail with NOPERM; ElastiCache reports them as unknown commands.',
  'Node memory is capped far below the node type’s, and CPU and network are the machine’s own.',
  'The daily limit of TestFailover is per service, and a test failover demotes the old primary instead of replacing it.',
  'Slow logs and engine logs are in the nodes’ own folders; they are not delivered to CloudWatch Logs or Firehose.',
  'DNS: endpoints switch at once in a failover; on AWS, clients still see the old address for some seconds.',
  'Resources exist as long as the local cloud runs: data and definitions are lost when it stops.',
];
