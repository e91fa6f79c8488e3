import {
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  type NodeGroupMember as Member,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';

/** A node, as ElastiCache describes it. */
export interface NodeGroupMember {
  readonly node: string;
  /** Absent in cluster mode. */
  readonly role?: 'primary' | 'replica';
  readonly zone?: string;
}

export interface GroupEvent {
  readonly atMs: number;
  /** In ElastiCache's words. */
  readonly message: string;
}

/** A replication group of ElastiCache. */
export interface ReplicationGroup {
  /** @throws ReplicationGroupNotFoundFault */
  describe(): Promise<{
    readonly status: string;
    readonly automaticFailover: boolean;
    readonly shards: number;
    readonly members: readonly NodeGroupMember[];
  }>;
  /** The events of the group and of these nodes, oldest first; at most 14 days back. */
  events(nodes: readonly string[], fromMs: number, toMs: number): Promise<readonly GroupEvent[]>;
  /** Makes a node the primary. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html */
  promote(node: string): Promise<void>;
}

const MOST_PAGES = 5;

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeEvents.html */
export function createReplicationGroup(client: ElastiCacheClient, replicationGroupId: string): ReplicationGroup {
  return {
    async describe() {
      const { ReplicationGroups = [] } = await client.send(
        new DescribeReplicationGroupsCommand({ ReplicationGroupId: replicationGroupId }),
      );
      const { Status = 'unknown', AutomaticFailover = '', NodeGroups = [] } = ReplicationGroups[0] ?? {};
      return {
        status: Status,
        automaticFailover: /^enabl/.test(AutomaticFailover),
        shards: NodeGroups.length,
        members: NodeGroups.flatMap(({ NodeGroupMembers = [] }) => NodeGroupMembers.map(memberOf)),
      };
    },
    async events(nodes, fromMs, toMs) {
      // Events are found by the exact ids of their sources: another group's id can begin with this one's.
      const sources = new Set([replicationGroupId, ...nodes]);
      const found: GroupEvent[] = [];
      let marker: string | undefined;
      for (let page = 0; page === 0 || (marker !== undefined && page < MOST_PAGES); page += 1) {
        const { Events = [], Marker } = await client.send(
          new DescribeEventsCommand({ StartTime: new Date(fromMs), EndTime: new Date(toMs), MaxRecords: 100, Marker: marker }),
        );
        for (const { SourceIdentifier = '', Date: at, Message: message = '' } of Events) {
          if (at !== undefined && sources.has(SourceIdentifier)) found.push({ atMs: at.getTime(), message });
        }
        marker = Marker || undefined;
      }
      return found.sort((a, b) => a.atMs - b.atMs);
    },
    async promote(node) {
      await client.send(
        new ModifyReplicationGroupCommand({ ReplicationGroupId: replicationGroupId, PrimaryClusterId: node, ApplyImmediately: true }),
      );
    },
  };
}

function memberOf({ CacheClusterId = '', CurrentRole, PreferredAvailabilityZone }: Member): NodeGroupMember {
  return {
    node: CacheClusterId,
    ...((CurrentRole === 'primary' || CurrentRole === 'replica') && { role: CurrentRole }),
    ...(PreferredAvailabilityZone !== undefined && { zone: PreferredAvailabilityZone }),
  };
}
