import type { StoreReading } from '../../collect/contract.ts';

/** Of a reading: some turns of a collector that comes every minute. */
const OLDEST_MS = 300_000;

/**
 * Whether sessions can be read and written again: the collector found a primary since then, and lately, of each shard in cluster mode. A store that does not answer
 * leaves no reading, so that the last one before it failed says nothing.
 * @param sinceMs when what bridges the outage was planned
 */
export function isStoreWell(
  reading: Pick<StoreReading, 'takenAtMs' | 'nodes' | 'shardsWithoutPrimary'> | undefined,
  sinceMs: number,
  nowMs: number,
): boolean {
  if (reading === undefined || reading.takenAtMs <= sinceMs || nowMs - reading.takenAtMs > OLDEST_MS) return false;
  return (reading.shardsWithoutPrimary ?? 0) === 0 && reading.nodes.some((node) => 'role' in node && node.role === 'primary');
}
