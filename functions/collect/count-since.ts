import type { Counters } from './contract.ts';
import type { NodeSample } from './read-node.ts';

/** How much later than the reading before a process may have started and still count as started since: clocks are read to the second. */
const SLACK_SECONDS = 2;

/**
 * How far a counter has gone up since the reading before, over all nodes.
 *
 * - The same process: the difference. A counter that went back was reset, and counts from zero.
 * - Another process that started since: everything that it has counted.
 * - Another process that was there already (a node that was not reached before): nothing can be said of it.
 *
 * @param previous by run id; undefined at the first reading
 * @returns undefined when it is known of no node
 */
export function countSince(
  counter: keyof Counters,
  nodes: readonly Pick<NodeSample, 'runId' | 'uptimeSeconds' | 'counters'>[],
  previous: Readonly<Record<string, Counters>> | undefined,
  elapsedSeconds: number,
): number | undefined {
  if (previous === undefined) return undefined;
  const growths = nodes.flatMap(({ runId, uptimeSeconds, counters }) => {
    const now = counters[counter];
    const before = previous[runId]?.[counter];
    if (now === null) return [];
    if (before !== undefined && before !== null) return [now >= before ? now - before : now];
    return uptimeSeconds <= elapsedSeconds + SLACK_SECONDS ? [now] : [];
  });
  return growths.length === 0 ? undefined : growths.reduce((sum, growth) => sum + growth, 0);
}

/** @returns undefined when nothing was looked up */
export function hitRateOf(hits: number | undefined, misses: number | undefined): number | undefined {
  if (hits === undefined || misses === undefined || hits + misses === 0) return undefined;
  return (hits / (hits + misses)) * 100;
}
