import type { Redis } from 'ioredis';
import { readRange, type SlotSet, slotSet, without } from './slot-set.ts';

/** Slots of one node, by itself. */
export interface OwnedSlots {
  /** The slots that it serves, and that are not moving to or from it: all keys of these are on this node. */
  readonly stable: SlotSet;
  /** The slots that are moving to or from it. */
  readonly moving: SlotSet;
}

/** The slots of the connection's node. @throws when the user is not allowed to run CLUSTER NODES */
export async function readOwnedSlots(redis: Pick<Redis, 'cluster'>): Promise<OwnedSlots> {
  return ownedSlots(String(await redis.cluster('NODES')));
}

/**
 * Only the line of the asked node itself lists slots in migration: `[93-<-id]` for one that arrives, `[77->-id]` for one that goes.
 * @param nodes the reply to CLUSTER NODES
 * @see https://valkey.io/commands/cluster-nodes/
 */
export function ownedSlots(nodes: string): OwnedSlots {
  const myself = nodes.split('\n').find((line) => /^\S+ \S+ \S*\bmyself\b/.test(line)) ?? '';
  const words = myself.trim().split(' ').slice(8);
  const ranges = words.filter((word) => /^\d/.test(word)).map(readRange);
  const moving = slotSet(words.flatMap((word) => /^\[(\d+)-[<>]-/.exec(word)?.slice(1, 2) ?? []).map(readRange));
  return { stable: without(slotSet(ranges), moving), moving };
}
