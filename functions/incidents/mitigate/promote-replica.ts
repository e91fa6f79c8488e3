import type { Mitigation } from '../contract/mitigations.ts';
import { MitigationRefused } from './errors.ts';
import type { GroupState, StoreGroup } from './store-group.ts';

interface Undo {
  readonly clusterId: string;
  readonly from: string;
}

/**
 * Makes a replica the primary of a group that does not fail over by itself. ElastiCache refuses this while automatic failover is
 * enabled, and in cluster mode. TestFailover is no way out: it needs automatic failover, and is meant for tests.
 * @param group absent for a store that is no replication group of ElastiCache
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/Replication.PromoteReplica.html
 */
export function createPromoteReplica(group: StoreGroup | undefined): Mitigation<Undo> {
  return {
    async plan() {
      if (group === undefined) return { refused: 'the store is no replication group of ElastiCache: promote a replica with its own tools' };
      const state = await group.describe();
      const why = whyNot(state);
      if (why !== undefined) return { refused: `replication group ${group.id} ${why}` };
      const replica = state.members.find(({ role }) => role === 'replica');
      if (replica === undefined)
        return { refused: `replication group ${group.id} has no replica to promote: what its primary had is in its last snapshot alone` };
      const undo: Undo = { clusterId: replica.clusterId, from: state.members.find(({ role }) => role === 'primary')?.clusterId ?? 'none' };
      return {
        calls: [
          {
            service: 'elasticache',
            operation: 'ModifyReplicationGroup',
            input: { ReplicationGroupId: group.id, PrimaryClusterId: replica.clusterId, ApplyImmediately: true },
          },
        ],
        effect: `${replica.clusterId} becomes the primary; what ${undo.from} had not yet replicated is lost, and its connections close`,
        undo,
      };
    },
    async act(_target, plan) {
      const { clusterId } = plan.undo;
      if (group === undefined) throw new MitigationRefused('the store is no replication group of ElastiCache; nothing was changed');
      const state = await group.describe();
      if (roleOf(state, clusterId) === 'primary') return;
      // A call whose answer was lost is under way.
      if (state.status === 'modifying') return;
      const why = whyNot(state);
      if (why !== undefined) throw new MitigationRefused(`replication group ${group.id} ${why}; nothing was changed`);
      await group.promote(clusterId);
    },
    async verify(_target, plan) {
      const { clusterId, from } = plan.undo;
      const state = await group?.describe();
      if (state && roleOf(state, clusterId) === 'primary' && state.status === 'available') {
        return { verdict: 'DONE', detail: `${clusterId} is the primary, in place of ${from}` };
      }
      return {
        verdict: 'WAIT',
        detail: `replication group ${group?.id ?? '(none)'} is ${state?.status ?? 'unknown'}, and ${clusterId} is not its primary yet`,
      };
    },
  };
}

const roleOf = ({ members }: GroupState, clusterId: string): string | undefined => members.find((one) => one.clusterId === clusterId)?.role;

function whyNot({ automaticFailover, clusterMode, status }: GroupState): string | undefined {
  if (automaticFailover) return 'has automatic failover enabled, and promotes a replica by itself';
  if (clusterMode) return 'is in cluster mode, in which no replica can be promoted by hand';
  return status === 'available' ? undefined : `is ${status}: ElastiCache changes nothing until it is available`;
}
