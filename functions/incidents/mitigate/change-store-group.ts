import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  DescribeCacheParametersCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  ListAllowedNodeTypeModificationsCommand,
  ModifyCacheParameterGroupCommand,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { HoldfastError } from '../../shared/errors.ts';
import { pagesOf } from './pages-of.ts';

/** The replication group of the session store, as ElastiCache describes it. */
export interface GroupState {
  /** `available`, `modifying`, `snapshotting`, … */
  readonly status: string;
  /** Enabled, or about to be. */
  readonly automaticFailover: boolean;
  readonly clusterMode: boolean;
  /** `cache.t4g.small`. */
  readonly nodeType: string;
  /** The nodes of all shards. */
  readonly members: readonly { readonly clusterId: string; readonly role: string }[];
}

export interface ParameterGroupState {
  readonly name: string;
  /** Replication groups other than the store that have it too. */
  readonly alsoUsedBy: readonly string[];
  /** Value of the parameter `maxmemory-policy`. */
  readonly policy: string | undefined;
  /** Every node of the store has the values of the group. */
  readonly inSync: boolean;
}

/** The session store at ElastiCache's API. */
export interface StoreGroup {
  readonly id: string;
  describe(): Promise<GroupState>;
  promote(clusterId: string): Promise<void>;
  /** Node types that it can be scaled up to. */
  largerNodeTypes(): Promise<readonly string[]>;
  scaleTo(nodeType: string): Promise<void>;
  /** The type that its nodes are being scaled to now; undefined while they are not. */
  pendingNodeType(): Promise<string | undefined>;
  parameterGroup(): Promise<ParameterGroupState>;
  setPolicy(parameterGroup: string, policy: string): Promise<void>;
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
      nodeType: group.CacheNodeType ?? '',
      members,
    };
  };
  return {
    id,
    describe,
    async promote(PrimaryClusterId) {
      await client.send(new ModifyReplicationGroupCommand(groupChange(id, { PrimaryClusterId })));
    },
    async largerNodeTypes() {
      const { ScaleUpModifications = [] } = await client.send(new ListAllowedNodeTypeModificationsCommand({ ReplicationGroupId: id }));
      return ScaleUpModifications;
    },
    async scaleTo(CacheNodeType) {
      await client.send(new ModifyReplicationGroupCommand(groupChange(id, { CacheNodeType })));
    },
    async pendingNodeType() {
      const own = (await clustersOf(client)).filter((cluster) => cluster.ReplicationGroupId === id);
      return own.flatMap(({ PendingModifiedValues }) => PendingModifiedValues?.CacheNodeType ?? [])[0];
    },
    async parameterGroup() {
      const clusters = await clustersOf(client);
      const own = clusters.find((cluster) => cluster.ReplicationGroupId === id)?.CacheParameterGroup;
      const name = own?.CacheParameterGroupName;
      if (name === undefined) throw new StoreGroupNotFound(`no node of replication group ${id} names its parameter group`);
      const users = clusters.filter((cluster) => cluster.CacheParameterGroup?.CacheParameterGroupName === name);
      const others = users.map((cluster) => cluster.ReplicationGroupId ?? cluster.CacheClusterId ?? '').filter((user) => user !== id);
      const ofStore = users.filter((cluster) => cluster.ReplicationGroupId === id);
      return {
        name,
        alsoUsedBy: [...new Set(others)],
        policy: await policyOf(client, name),
        inSync: ofStore.every((cluster) => cluster.CacheParameterGroup?.ParameterApplyStatus === 'in-sync'),
      };
    },
    async setPolicy(CacheParameterGroupName, policy) {
      const ParameterNameValues = [{ ParameterName: POLICY, ParameterValue: policy }];
      await client.send(new ModifyCacheParameterGroupCommand({ CacheParameterGroupName, ParameterNameValues }));
    },
  };
}

export const POLICY = 'maxmemory-policy';

/** The input of ModifyReplicationGroup, as a plan shows it and as it is sent. */
export const groupChange = (ReplicationGroupId: string, change: { PrimaryClusterId: string } | { CacheNodeType: string }) => ({
  ReplicationGroupId,
  ...change,
  ApplyImmediately: true,
});

async function clustersOf(client: Pick<ElastiCacheClient, 'send'>): Promise<readonly CacheCluster[]> {
  const found: CacheCluster[] = [];
  const pages = pagesOf((from) => client.send(new DescribeCacheClustersCommand(from)));
  for await (const { CacheClusters = [] } of pages) found.push(...CacheClusters);
  return found;
}

async function policyOf(client: Pick<ElastiCacheClient, 'send'>, CacheParameterGroupName: string): Promise<string | undefined> {
  const pages = pagesOf((from) => client.send(new DescribeCacheParametersCommand({ CacheParameterGroupName, ...from })));
  for await (const { Parameters = [] } of pages) {
    const found = Parameters.find(({ ParameterName }) => ParameterName === POLICY);
    if (found) return found.ParameterValue;
  }
  return undefined;
}
