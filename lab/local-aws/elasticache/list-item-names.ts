import type { ListItemName } from '../service/service.ts';

/** Element names of list items, by the list's name; all others are `member`. */
export const LIST_ITEM_NAMES: Readonly<Record<string, ListItemName>> = {
  CacheClusters: 'CacheCluster',
  CacheNodes: 'CacheNode',
  CacheNodeIdsToReboot: 'CacheNodeId',
  CacheParameterGroups: 'CacheParameterGroup',
  CacheSecurityGroups: 'CacheSecurityGroup',
  CacheSubnetGroups: 'CacheSubnetGroup',
  Events: 'Event',
  LogDeliveryConfigurations: 'LogDeliveryConfiguration',
  MemberClusters: 'ClusterId',
  NodeGroupMembers: 'NodeGroupMember',
  NodeGroups: 'NodeGroup',
  NodeGroupConfiguration: 'NodeGroupConfiguration',
  Parameters: 'Parameter',
  ParameterNameValues: 'ParameterNameValue',
  PreferredCacheClusterAZs: 'AvailabilityZone',
  // A user group lists the ids of replication groups under the same name.
  ReplicationGroups: { structure: 'ReplicationGroup', text: 'member' },
  SecurityGroupIds: 'SecurityGroupId',
  SubnetIds: 'SubnetIdentifier',
  Subnets: 'Subnet',
  TagList: 'Tag',
  Tags: 'Tag',
};
