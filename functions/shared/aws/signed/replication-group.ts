import { type CallSigned, fieldOf, queryCalls } from './signed-calls.ts';

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

/** A replication group, by ElastiCache's Query API: the SDK's client would be a third of a function. */
export interface ReplicationGroup {
  /** @throws AwsServiceError ReplicationGroupNotFoundFault */
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

const VERSION = '2015-02-02';
const MOST_PAGES = 5;

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeEvents.html */
export function createReplicationGroup(call: CallSigned, replicationGroupId: string): ReplicationGroup {
  const query = queryCalls(call, VERSION);
  return {
    async describe() {
      const answer = await query('DescribeReplicationGroups', { ReplicationGroupId: replicationGroupId });
      return {
        // The group's own status comes before its node groups', which have one each.
        status: fieldOf(answer.replace(/<NodeGroups>.*<\/NodeGroups>/s, ''), 'Status') ?? 'unknown',
        automaticFailover: /^enabl/.test(fieldOf(answer, 'AutomaticFailover') ?? ''),
        shards: elementsOf(answer, 'NodeGroup').length,
        members: elementsOf(answer, 'NodeGroupMember').map(memberOf),
      };
    },
    async events(nodes, fromMs, toMs) {
      // Events are found by the exact ids of their sources: another group's id can begin with this one's.
      const sources = new Set([replicationGroupId, ...nodes]);
      const found: GroupEvent[] = [];
      let marker: string | undefined;
      for (let page = 0; page === 0 || (marker !== undefined && page < MOST_PAGES); page += 1) {
        const answer = await query('DescribeEvents', {
          StartTime: new Date(fromMs).toISOString(),
          EndTime: new Date(toMs).toISOString(),
          MaxRecords: '100',
          ...(marker !== undefined && { Marker: marker }),
        });
        for (const event of elementsOf(answer, 'Event')) {
          if (!sources.has(fieldOf(event, 'SourceIdentifier') ?? '')) continue;
          found.push({ atMs: Date.parse(fieldOf(event, 'Date') ?? ''), message: fieldOf(event, 'Message') ?? '' });
        }
        marker = fieldOf(answer, 'Marker') || undefined;
      }
      return found.filter(({ atMs }) => Number.isFinite(atMs)).sort((a, b) => a.atMs - b.atMs);
    },
    async promote(node) {
      await query('ModifyReplicationGroup', { ReplicationGroupId: replicationGroupId, PrimaryClusterId: node, ApplyImmediately: 'true' });
    },
  };
}

function memberOf(element: string): NodeGroupMember {
  const [role, zone] = ['CurrentRole', 'PreferredAvailabilityZone'].map((field) => fieldOf(element, field));
  return {
    node: fieldOf(element, 'CacheClusterId') ?? '',
    ...((role === 'primary' || role === 'replica') && { role }),
    ...(zone !== undefined && { zone }),
  };
}

const elementsOf = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inner = '']) => inner);
