import { DescribeReplicationGroupsCommand, type ElastiCacheClient, ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache';
import { HoldfastError } from '../../shared/errors.ts';

/** The replication group of the session store, as ElastiCache describes it. */
export interface GroupState {
  /** `available`, `modifying`, `snapshotting`, … */
  readonly status: string;
  /** Enabled, or about to be. */
  readonly automaticFailover: boolean;
  readonly clusterMode: boolean;
  /** The nodes of all shards. */
  readonly members: readonly { readonly clusterId: string; readonly role: string }[];
}

/** The session store at ElastiCache's API. */
export interface StoreGroup {
  readonly id: string;
  describe(): Promise<GroupState>;
  promote(clusterId: string): Promise<void>;
}

export class StoreGroupNotFound extends HoldfastError {
  override readonly name = 'StoreGroupNotFound';
}

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html */
export function createStoreGroup(client: Pick<ElastiCacheClient, 'send'>, id: string): StoreGroup {
  const describe = async (): Promise<GroupState> => {
    const { ReplicationGroups = [] } = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }));
    const [group] = ReplicationGroups;
    if (!group) throw new StoreGroupNotFound(`there is no replication group ${id}`);
    const members = (group.NodeGroups ?? []).flatMap(({ NodeGroupMembers = [] }) =>
      NodeGroupMembers.map(({ CacheClusterId: clusterId = '', CurrentRole: role = '' }) => ({ clusterId, role })),
    );
    return {
      status: group.Status ?? 'unknown',
      automaticFailover: group.AutomaticFailover === 'enabled' || group.AutomaticFailover === 'enabling',
      clusterMode: group.ClusterEnabled ?? false,
      members,
    };
  };
  return {
    id,
    describe,
    async promote(PrimaryClusterId) {
      await client.send(new ModifyReplicationGroupCommand(groupChange(id, { PrimaryClusterId })));
    },
  };
}

/** The input of ModifyReplicationGroup, as a plan shows it and as it is sent. */
export const groupChange = (ReplicationGroupId: string, change: { PrimaryClusterId: string }) => ({
  ReplicationGroupId,
  ...change,
  ApplyImmediately: true,
});
