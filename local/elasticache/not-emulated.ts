/** What a user of the real ElastiCache would miss. */
export const NOT_EMULATED: readonly string[] = [
  'Cluster mode: a replication group has one node group; a request for more is refused.',
  'Memcached, serverless caches, global datastores, CreateCacheCluster (single nodes are made as replication groups), reserved nodes and service updates.',
  'Snapshots: none are taken, listed or restored; with a retention limit the server only saves to its own folder.',
  'Engine versions: every node runs the one server binary of the machine, whatever version the template names.',
  'Metrics: a part of ElastiCache’s (CPU, memory, items, hits, connections, replication, refused log-ins); CommandAuthorizationFailures and KeyAuthorizationFailures only with an engine of 7.2 or newer.',
  'elasticache:Connect is judged without the condition key aws:SourceIp, and a token is also taken inside MULTI, where ElastiCache refuses it.',
  'Encryption at rest and KMS keys, subnets, security groups, Availability Zones and maintenance windows are recorded only.',
  'The Port of a replication group: endpoints are on free ports of this machine, so read them from the endpoint.',
  'Transit encryption mode preferred: with encryption in transit, endpoints take TLS only.',
  'Blocked commands such as CONFIG answer NOPERM; ElastiCache answers that the command is unknown.',
  'Node memory is capped far below that of the node type, and CPU and network are the machine’s own.',
  'The daily limit of TestFailover is per service, and a test failover demotes the old primary instead of replacing it.',
  'Slow logs and engine logs are in the nodes’ own folders; they are not delivered to CloudWatch Logs or Firehose.',
  'DNS: endpoints move at once at a failover; on AWS clients also see the old address for some seconds.',
  'Resources live as long as the local cloud runs: data and definitions are gone after it stops.',
];
