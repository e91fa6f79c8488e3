import { CACHE_NODE_ID, NODE_GROUP_ID } from './group-spec.ts';
import type { ReplicationGroup } from './nodes/replication-group.ts';
import type { ElastiCacheState } from './state.ts';

/** The shapes in which ElastiCache shows a replication group and its members. */

export function describeGroup(state: ElastiCacheState, group: ReplicationGroup): object {
  const { spec } = group;
  return {
    ReplicationGroupId: spec.id,
    Description: spec.description,
    Status: group.status,
    PendingModifiedValues: {},
    MemberClusters: group.nodeIds,
    NodeGroups: group.running ? [describeNodeGroup(state, group)] : [],
    AutomaticFailover: spec.automaticFailover ? 'enabled' : 'disabled',
    MultiAZ: spec.multiAz ? 'enabled' : 'disabled',
    SnapshotRetentionLimit: spec.snapshotRetentionLimit,
    SnapshotWindow: spec.snapshotWindow,
    ClusterEnabled: false,
    ClusterMode: 'disabled',
    CacheNodeType: spec.nodeType,
    AuthTokenEnabled: spec.authTokens.length > 0,
    TransitEncryptionEnabled: spec.transitEncryption,
    ...(spec.transitEncryption ? { TransitEncryptionMode: 'required' } : {}),
    AtRestEncryptionEnabled: spec.atRestEncryption,
    ...(spec.kmsKeyId ? { KmsKeyId: spec.kmsKeyId } : {}),
    ARN: state.arn('replicationgroup', spec.id),
    UserGroupIds: spec.userGroupIds,
    LogDeliveryConfigurations: spec.logDeliveryConfigurations,
    ReplicationGroupCreateTime: new Date(group.createdAtMs),
    DataTiering: 'disabled',
    AutoMinorVersionUpgrade: spec.autoMinorVersionUpgrade,
    NetworkType: 'ipv4',
    IpDiscovery: 'ipv4',
    Engine: spec.engine,
  };
}

function describeNodeGroup(state: ElastiCacheState, group: ReplicationGroup): object {
  const running = group.running;
  return {
    NodeGroupId: NODE_GROUP_ID,
    Status: group.status,
    PrimaryEndpoint: endpoint(state, running?.primaryEndpoint?.port),
    ReaderEndpoint: endpoint(state, running?.readerEndpoint?.port),
    NodeGroupMembers: running?.nodes.map((node, index) => ({
      CacheClusterId: node.id,
      CacheNodeId: CACHE_NODE_ID,
      ReadEndpoint: endpoint(state, running.nodeEndpoints.get(node.id)?.port),
      PreferredAvailabilityZone: zone(state, index),
      CurrentRole: node === running.primary ? 'primary' : 'replica',
    })),
  };
}

/** @param showNodes ShowCacheNodeInfo: with the node's endpoint */
export function describeCluster(state: ElastiCacheState, group: ReplicationGroup, id: string, showNodes: boolean): object {
  const { spec } = group;
  const index = group.nodeIds.indexOf(id);
  const status = group.nodeStatus(id);
  const created = new Date(group.createdAtMs);
  return {
    CacheClusterId: id,
    CacheNodeType: spec.nodeType,
    Engine: spec.engine,
    EngineVersion: spec.engineVersion,
    CacheClusterStatus: status,
    NumCacheNodes: 1,
    PreferredAvailabilityZone: zone(state, index),
    CacheClusterCreateTime: created,
    PreferredMaintenanceWindow: spec.maintenanceWindow,
    PendingModifiedValues: {},
    ...(spec.notificationTopicArn ? { NotificationConfiguration: { TopicArn: spec.notificationTopicArn, TopicStatus: 'active' } } : {}),
    CacheSecurityGroups: [],
    CacheParameterGroup: { CacheParameterGroupName: spec.parameterGroupName, ParameterApplyStatus: 'in-sync', CacheNodeIdsToReboot: [] },
    ...(spec.subnetGroupName ? { CacheSubnetGroupName: spec.subnetGroupName } : {}),
    ...(showNodes
      ? {
          CacheNodes: [
            {
              CacheNodeId: CACHE_NODE_ID,
              CacheNodeStatus: status,
              CacheNodeCreateTime: created,
              Endpoint: endpoint(state, group.running?.nodeEndpoints.get(id)?.port),
              ParameterGroupStatus: 'in-sync',
              CustomerAvailabilityZone: zone(state, index),
            },
          ],
        }
      : {}),
    AutoMinorVersionUpgrade: spec.autoMinorVersionUpgrade,
    SecurityGroups: spec.securityGroupIds.map((SecurityGroupId) => ({ SecurityGroupId, Status: 'active' })),
    ReplicationGroupId: spec.id,
    SnapshotRetentionLimit: spec.snapshotRetentionLimit,
    SnapshotWindow: spec.snapshotWindow,
    AuthTokenEnabled: spec.authTokens.length > 0,
    TransitEncryptionEnabled: spec.transitEncryption,
    AtRestEncryptionEnabled: spec.atRestEncryption,
    ARN: state.arn('cluster', id),
    ReplicationGroupLogDeliveryEnabled: false,
    LogDeliveryConfigurations: spec.logDeliveryConfigurations,
    NetworkType: 'ipv4',
    IpDiscovery: 'ipv4',
  };
}

function endpoint(state: ElastiCacheState, port: number | undefined): { Address: string; Port: number } | undefined {
  return port === undefined ? undefined : { Address: state.options.endpointHost, Port: port };
}

function zone(state: ElastiCacheState, index: number): string {
  return `${state.options.region}${'abc'[Math.max(0, index) % 3]}`;
}
