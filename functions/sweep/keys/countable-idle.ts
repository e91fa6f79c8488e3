/** How far a node's idle times can be trusted. Pure. */
import type { StoreNodes } from '../../records/store-nodes.ts';

/** Age from which the record of the nodes is too old: the collector writes it once a minute, and can miss some minutes. */
export const OLDEST_RECORD_MS = 10 * 60_000;

/**
 * Since when the node has been primary without a break, by the collector's record.
 * @param node its INFO: a node that was demoted and promoted again has the same run_id, but another master_replid
 * @returns milliseconds since the epoch; undefined without a recent record of it as primary
 */
export function primarySince(
  known: StoreNodes | undefined,
  node: { readonly runId: string; readonly replicationId: string; readonly idleMark: string | undefined },
  nowMs: number,
): number | undefined {
  if (known === undefined || nowMs - known.takenAtMs > OLDEST_RECORD_MS) return undefined;
  return known.nodes.find(
    ({ runId, replicationId, role, idleMark }) =>
      role === 'primary' &&
      runId === node.runId &&
      replicationId === node.replicationId &&
      idleMark !== undefined &&
      idleMark === node.idleMark,
  )?.primarySinceMs;
}

/**
 * The part of a key's idle time that proves that nobody used the key. Reads are not replicated: before its promotion a node saw
 * writes alone, so that its idle times of then count from a session's last write.
 * @param idleSeconds OBJECT IDLETIME; undefined where the store keeps none
 * @param primarySinceMs since when the node has been primary; undefined where that is unknown, or where the application reads
 * from replicas, so that the primary does not see each use
 * @returns seconds; undefined: unknown
 */
export function countableIdle(idleSeconds: number | undefined, primarySinceMs: number | undefined, nowMs: number): number | undefined {
  if (idleSeconds === undefined || primarySinceMs === undefined) return undefined;
  return Math.min(idleSeconds, Math.max(0, Math.floor((nowMs - primarySinceMs) / 1_000)));
}
