/**
 * Element names of list items, by the list's name; all others are `member`. A list in UserGroup has the same name as one
 * with other items and goes without an entry of its own: its `ReplicationGroups` are members.
 */
export const LIST_ITEM_NAMES: Readonly<Record<string, string>> = {
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
  ReplicationGroups: 'ReplicationGroup',
  SecurityGroupIds: 'SecurityGroupId',
  SubnetIds: 'SubnetIdentifier',
  Subnets: 'Subnet',
  TagList: 'Tag',
  Tags: 'Tag',
};
