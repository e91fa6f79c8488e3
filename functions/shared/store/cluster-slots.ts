/** Which node serves which slots, in a store with cluster mode. @see https://valkey.io/commands/cluster-slots/ */
import type { Redis } from 'ioredis';
import { parseInfo } from './parse-info.ts';

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** A primary, its replicas and their slots. */
export interface ClusterShard {
  readonly slots: readonly (readonly [first: number, last: number])[];
  readonly primary: NodeAddress;
  readonly replicas: readonly NodeAddress[];
}

type NodeReply = readonly [host: string | null, port: number, id: string, ...unknown[]];
type SlotsReply = readonly (readonly [first: number, last: number, primary: NodeReply, ...replicas: NodeReply[]])[];

/** @param info the reply to INFO, with its section Cluster */
export const isClustered = (info: string): boolean => parseInfo(info).get('cluster_enabled') === '1';

/** @param asked address of the connection's node: a node that does not know its own address returns none */
export async function readShards(redis: Pick<Redis, 'cluster'>, asked: NodeAddress): Promise<readonly ClusterShard[]> {
  return shardsOf((await redis.cluster('SLOTS')) as unknown as SlotsReply, asked);
}

/** One entry per primary, ordered by first slot. */
export function shardsOf(reply: SlotsReply, asked: NodeAddress): readonly ClusterShard[] {
  const addressOf = ([host, port]: NodeReply): NodeAddress => ({ host: host || asked.host, port });
  const byPrimary = new Map<string, ClusterShard>();
  for (const [first, last, primary, ...replicas] of [...reply].sort(([a], [b]) => a - b)) {
    const known = byPrimary.get(primary[2]);
    byPrimary.set(primary[2], {
      slots: [...(known?.slots ?? []), [first, last]],
      primary: addressOf(primary),
      // "?" stands for a node whose address is unknown.
      replicas: replicas.filter(([host]) => host !== '?').map(addressOf),
    });
  }
  return [...byPrimary.values()];
}
