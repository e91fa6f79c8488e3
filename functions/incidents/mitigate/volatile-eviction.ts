import type { Mitigation } from '../contract/mitigations.ts';
import { type ReadMemory, whyEnough } from './ask-trouble.ts';
import { POLICY, type StoreGroup } from './change-store-group.ts';
import { MitigationRefused, refuseFor } from './mitigation-errors.ts';

/** Evicts the sessions with a TTL that were used least recently: Holdfast's own choice for a created store. */
const VOLATILE = 'volatile-lru';

interface Undo {
  readonly parameterGroup: string;
  readonly from: string;
}

/**
 * Sets the store's eviction policy to one that evicts what expires anyway. It takes effect at once, without a restart.
 * @param group absent for a store that is no replication group of ElastiCache
 * @param allowed name of the parameter group that Holdfast may change
 */
export function createVolatileEviction(group: StoreGroup | undefined, allowed: string | undefined, memory: ReadMemory): Mitigation<Undo> {
  return {
    async plan() {
      if (group === undefined) return { refused: `the store is no replication group of ElastiCache: set ${POLICY} with its own tools` };
      const { name, policy, alsoUsedBy } = await group.parameterGroup();
      if (name.startsWith('default.')) {
        return {
          refused: `${group.id} uses ${name}, and ElastiCache lets no one change a default parameter group: create one of your own, and give it to the group`,
        };
      }
      if (name !== allowed) {
        const known = allowed === undefined ? 'none' : `only ${allowed}`;
        return { refused: `Holdfast may change ${known}, and ${group.id} uses ${name}: name that in store.existing.parameterGroupName` };
      }
      if (policy?.startsWith('volatile-')) return { refused: `${POLICY} of ${name} is ${policy} already` };
      // From here on it would spare the keys that never expire, and evict sessions in their place.
      if (policy?.startsWith('allkeys-')) {
        return {
          refused: `${POLICY} of ${name} is ${policy}, by which a full store evicts keys without a TTL too; ${VOLATILE} would keep those, and evict more sessions that are in use`,
        };
      }
      if (alsoUsedBy.length > 0)
        return { refused: `${name} is the parameter group of ${alsoUsedBy.join(', ')} as well, which would change too` };
      const enough = await whyEnough(memory);
      if (enough !== undefined) return { refused: enough };
      const undo: Undo = { parameterGroup: name, from: policy ?? 'noeviction' };
      const input = { CacheParameterGroupName: name, ParameterNameValues: [{ ParameterName: POLICY, ParameterValue: VOLATILE }] };
      return {
        calls: [{ service: 'elasticache', operation: 'ModifyCacheParameterGroup', input }],
        effect: `a full store evicts the least recently used sessions that have a TTL (${POLICY} ${undo.from} → ${VOLATILE}); users of these log in again, and keys without a TTL stay`,
        undo,
      };
    },
    async act(_target, plan) {
      if (group === undefined) throw new MitigationRefused('the store is no replication group of ElastiCache; nothing was changed');
      const { parameterGroup, from } = plan.undo;
      const { name, policy = 'noeviction' } = await group.parameterGroup();
      // Its own call, whose answer was lost.
      if (name === parameterGroup && policy === VOLATILE) return;
      if (name !== parameterGroup || policy !== from)
        refuseFor(`${POLICY} of ${name} is ${policy}, no longer ${from} of ${parameterGroup}`);
      refuseFor(await whyEnough(memory));
      await group.setPolicy(parameterGroup, VOLATILE);
    },
    async verify(_target, plan) {
      const { parameterGroup } = plan.undo;
      const state = await group?.parameterGroup();
      if (state?.name !== parameterGroup)
        return { verdict: 'FAILED', detail: `the store's parameter group is ${state?.name ?? 'unknown'}, no longer ${parameterGroup}` };
      if (state.policy === VOLATILE && state.inSync)
        return { verdict: 'DONE', detail: `${POLICY} of ${parameterGroup} is ${VOLATILE} on every node` };
      return { verdict: 'WAIT', detail: `${POLICY} of ${parameterGroup} is ${state.policy ?? 'unknown'}, and not on every node yet` };
    },
    async undo(_target, plan) {
      const { parameterGroup, from } = plan.undo;
      const state = await group?.parameterGroup();
      // What somebody has set since is theirs.
      if (state?.name === parameterGroup && state.policy === VOLATILE) await group?.setPolicy(parameterGroup, from);
    },
  };
}
