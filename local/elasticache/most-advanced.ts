import type { CacheNode } from './cache-node.ts';

/** The node that has come furthest in its primary's stream; undefined when none has any of its data. */
export async function mostAdvanced(nodes: readonly CacheNode[]): Promise<CacheNode | undefined> {
  const offsets = await Promise.all(nodes.map((node) => node.replicationOffset().catch(() => 0)));
  const most = Math.max(0, ...offsets);
  return most > 0 ? nodes[offsets.indexOf(most)] : undefined;
}
