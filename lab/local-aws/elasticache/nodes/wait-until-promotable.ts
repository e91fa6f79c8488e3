import { waitUntil } from '../../../processes/wait.ts';
import type { CacheNode } from './cache-node.ts';
import type { Sentinel } from './sentinel.ts';

/** Sentinel finds a replica within a second if it was there when Sentinel queried the primary. */
const PATIENCE_MS = 1_500;
const TIMEOUT_MS = 15_000;

/**
 * Resolves when Sentinel could promote every replica that has the primary's data.
 *
 * @throws Error when it does not find them in time
 */
export async function waitUntilPromotable(
  sentinel: Sentinel,
  group: { readonly nodes: readonly CacheNode[]; readonly primary: CacheNode },
): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const promotable = await sentinel.promotablePorts();
    return group.nodes.every((node) => node === group.primary || !node.linkUp || promotable.includes(node.address.port));
  };
  const what = 'Sentinel finding the replicas';
  await waitUntil(what, ready, { timeoutMs: PATIENCE_MS }).catch(async () => {
    // Sentinel queries a primary for new replicas only every 10 seconds. It must keep watching a primary that is down, though.
    if (group.primary.pid !== undefined && !(await sentinel.failoverInProgress())) await sentinel.refreshReplicas();
    await waitUntil(what, ready, { timeoutMs: TIMEOUT_MS });
  });
}
