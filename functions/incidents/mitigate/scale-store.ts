import type { Mitigation } from '../contract/mitigations.ts';
import { type ReadMemory, whyEnough } from './ask-trouble.ts';
import { groupChange, type StoreGroup } from './change-store-group.ts';
import { MitigationRefused, refuseFor } from './mitigation-errors.ts';
import { nextNodeType, priceFactor } from './next-node-type.ts';

interface Undo {
  readonly from: string;
  readonly to: string;
}

/**
 * Gives the store's nodes the next larger type. More replicas would add no memory: each has every session. ElastiCache keeps
 * serving meanwhile, copies all data to new nodes, and closes connections when the endpoints move.
 * @param group absent for a store that is no replication group of ElastiCache
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.RedisReplGrps.html
 */
export function createScaleStore(group: StoreGroup | undefined, memory: ReadMemory): Mitigation<Undo> {
  return {
    async plan() {
      if (group === undefined) return { refused: 'the store is no replication group of ElastiCache: scale it with its own tools' };
      const { status, nodeType, members } = await group.describe();
      if (status !== 'available')
        return { refused: `replication group ${group.id} is ${status}: ElastiCache changes nothing until it is available` };
      const enough = await whyEnough(memory);
      if (enough !== undefined) return { refused: enough };
      const to = nextNodeType(nodeType, await group.largerNodeTypes());
      if (to === undefined) return { refused: `ElastiCache offers no node type larger than ${nodeType} for ${group.id}` };
      const undo: Undo = { from: nodeType, to };
      const factor = priceFactor(nodeType, to);
      const price = factor === undefined ? `at the price of ${to} instead of ${nodeType}` : `at about ${factor} times their price`;
      return {
        calls: [{ service: 'elasticache', operation: 'ModifyReplicationGroup', input: groupChange(group.id, { CacheNodeType: to }) }],
        effect: `the store's ${members.length} nodes become ${to} ${price}, from now on; it takes ten minutes and more by its size, connections close once, and the template still says ${nodeType}: change store.nodeType in the configuration too`,
        undo,
      };
    },
    async act(_target, plan) {
      const { from, to } = plan.undo;
      if (group === undefined) throw new MitigationRefused('the store is no replication group of ElastiCache; nothing was changed');
      const { status, nodeType } = await group.describe();
      // Its own call, whose answer was lost.
      if (nodeType === to || (status === 'modifying' && (await group.pendingNodeType()) === to)) return;
      if (status !== 'available' || nodeType !== from)
        refuseFor(`replication group ${group.id} is ${status} with ${nodeType}, no longer available with ${from}`);
      refuseFor(await whyEnough(memory));
      await group.scaleTo(to);
    },
    async verify(_target, plan) {
      const { to } = plan.undo;
      const state = await group?.describe();
      if (state?.status === 'available' && state.nodeType === to) return { verdict: 'DONE', detail: `the store has nodes of type ${to}` };
      // It can take an hour; it has begun, and ElastiCache ends it.
      if (state?.status === 'modifying' && (await group?.pendingNodeType()) === to)
        return { verdict: 'DONE', goesOn: true, detail: `ElastiCache is scaling the store to ${to}, which takes ten minutes and more` };
      return {
        verdict: 'WAIT',
        // When it is available again with its old type, ElastiCache has given up.
        ...(state !== undefined && state.status !== 'available' && { goesOn: true }),
        detail: `replication group ${group?.id ?? '(none)'} is ${state?.status ?? 'unknown'} with ${state?.nodeType ?? 'unknown nodes'}`,
      };
    },
  };
}
