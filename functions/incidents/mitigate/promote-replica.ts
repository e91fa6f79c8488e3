import type { ReplicationGroup } from '../../shared/aws/replication-group.ts';
import { dateTimeWithZone } from '../../shared/texts.ts';
import type { Mitigation } from '../contract/mitigations.ts';
import { MitigationRefused, refuseFor } from '../contract/steps.ts';
import { type ReadServers, type StoreWitnesses, whyPrimaryCanBeThere } from './store-witnesses.ts';

export interface StoreGroup extends Pick<ReplicationGroup, 'describe' | 'promote'> {
  readonly id: string;
}
type GroupState = Awaited<ReturnType<StoreGroup['describe']>>;

type Undo = { readonly clusterId: string; readonly from: string };

export type KnownLag = { readonly atMs: number; readonly seconds: number | null; readonly bytes: number | null };

export interface PromoteReplicaPorts {
  readonly group: StoreGroup | undefined;
  /** Undefined while it is not known: then nobody can say what would be lost. */
  readonly lastLag: () => Promise<KnownLag | undefined>;
  readonly witnesses: StoreWitnesses;
  readonly readServers: ReadServers;
}

/**
 * ElastiCache refuses this while automatic failover is enabled, and in cluster mode. While any witness has a primary that answers, or
 * nobody but the collector says that none is there, nothing is promoted. @see
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/Replication.PromoteReplica.html
 */
export function createPromoteReplica({ group, lastLag, witnesses, readServers }: PromoteReplicaPorts): Mitigation<Undo> {
  /** Two primaries lose more than one that is slow to reach. */
  const whyHeld = async (id: string) => {
    if (witnesses.fleets.length === 0)
      return `replication group ${id} can have a primary that the collector alone does not reach: no fleet is configured whose network would show it`;
    const why = await whyPrimaryCanBeThere(witnesses, readServers);
    return why && `replication group ${id} is left as it is: ${why}`;
  };
  return {
    async plan() {
      if (group === undefined) return { refused: 'the store is no replication group of ElastiCache: promote a replica with its own tools' };
      const state = await group.describe();
      const why = whyNot(state);
      if (why !== undefined) return { refused: `replication group ${group.id} ${why}` };
      const held = await whyHeld(group.id);
      if (held !== undefined) return { refused: held };
      const replica = state.members.find(({ role }) => role === 'replica');
      if (replica === undefined)
        return { refused: `replication group ${group.id} has no replica to promote: what its primary had is in its last snapshot alone` };
      const lag = lagText(await lastLag());
      if (lag === undefined)
        return {
          refused: `it is not known how far replicas were behind when the collector last read the store, so that nobody can say what ${replica.node} lacks: promote it by hand if that is worth it`,
        };
      const undo: Undo = { clusterId: replica.node, from: primaryOf(state) };
      const input = { ReplicationGroupId: group.id, PrimaryClusterId: replica.node, ApplyImmediately: true };
      return {
        calls: [{ service: 'elasticache', operation: 'ModifyReplicationGroup', input }],
        effect: `${replica.node} becomes the primary; what ${undo.from} had not yet replicated is lost (${lag}): logins and changes of sessions of that time, and a user who logged out then is logged in again; its connections close`,
        undo,
      };
    },
    async act(_target, plan) {
      const { clusterId, from } = plan.undo;
      if (group === undefined) throw new MitigationRefused('the store is no replication group of ElastiCache; nothing was changed');
      const state = await group.describe();
      if (roleOf(state, clusterId) === 'primary') return;
      if (state.status === 'modifying') return;
      const why = whyNot(state);
      refuseFor(why && `replication group ${group.id} ${why}`);
      // Somebody has promoted another one, which has what was written since.
      const primary = primaryOf(state);
      refuseFor(
        [primary, from].includes('none') || primary === from ? undefined : `the primary of ${group.id} is ${primary}, no longer ${from}`,
      );
      refuseFor(await whyHeld(group.id));
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

function lagText(lag: KnownLag | undefined): string | undefined {
  if (lag === undefined || (lag.seconds === null && lag.bytes === null)) return undefined;
  const parts = [...(lag.seconds === null ? [] : [`${lag.seconds} s`]), ...(lag.bytes === null ? [] : [`${lag.bytes} bytes`])];
  return `at ${dateTimeWithZone(lag.atMs)} replicas were ${parts.join(' and ')} behind`;
}

const primaryOf = ({ members }: GroupState): string => members.find(({ role }) => role === 'primary')?.node ?? 'none';

const roleOf = ({ members }: GroupState, clusterId: string): string | undefined => members.find(({ node }) => node === clusterId)?.role;

function whyNot({ automaticFailover, members, status }: GroupState): string | undefined {
  if (automaticFailover) return 'has automatic failover enabled, and promotes a replica by itself';
  // Then ElastiCache names no roles.
  if (members.length > 0 && members.every(({ role }) => role === undefined))
    return 'is in cluster mode, in which no replica can be promoted by hand';
  return status === 'available' ? undefined : `is ${status}: ElastiCache changes nothing until it is available`;
}
