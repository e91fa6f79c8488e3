import type { KnownNode, StoreNodes } from '../../records/store-nodes.ts';
import { OLDEST_RECORD_MS } from '../keys/countable-idle.ts';

/** A replica that was further behind on record is not tried; whether it is in step now is measured when it is opened. */
const MOST_LAG_SECONDS = 10;

/**
 * The replicas that pages could be read from, best first: the least behind, then by name, so that a repeated invocation chooses the
 * same. ElastiCache's reader endpoint is not used: it leads to another replica at each connection, and a cursor is valid on one.
 * @param replicationId of the primary: a store in cluster mode has several
 * @param givenUp run ids of nodes that this sweep does not read from any more
 */
export function chooseReplicas(
  known: StoreNodes | undefined,
  replicationId: string,
  givenUp: readonly string[],
  nowMs: number,
): readonly KnownNode[] {
  if (known === undefined || nowMs - known.takenAtMs > OLDEST_RECORD_MS) return [];
  return known.nodes
    .filter((node) => node.role === 'replica' && node.replicationId === replicationId && node.linkUp && !givenUp.includes(node.runId))
    .filter(({ lagSeconds = 0 }) => lagSeconds <= MOST_LAG_SECONDS)
    .sort((a, b) => (a.lagSeconds ?? 0) - (b.lagSeconds ?? 0) || (a.name < b.name ? -1 : 1));
}
