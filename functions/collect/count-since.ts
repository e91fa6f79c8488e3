import { sumOf } from '../shared/arithmetic.ts';
import type { Counters } from './contract.ts';
import type { NodeSample } from './read-node.ts';

/** Tolerance for a process that started around the previous reading: uptimes are whole seconds. */
const SLACK_SECONDS = 2;

/**
 * The increase of a counter since the previous reading, over all nodes.
 *
 * - The same process: the difference. A counter that decreased was reset, and counts from zero.
 * - A process that started since then: its whole count.
 * - A process that was running already (a node that was not reached before): unknown.
 *
 * @param previous by run id; undefined at the first reading
 * @returns undefined when it is unknown for every node
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
    if (now === null || now === undefined) return [];
    if (before !== undefined && before !== null) return [now >= before ? now - before : now];
    return uptimeSeconds <= elapsedSeconds + SLACK_SECONDS ? [now] : [];
  });
  return growths.length === 0 ? undefined : sumOf(growths);
}

/** @returns undefined when nothing was looked up */
export function hitRateOf(hits: number | undefined, misses: number | undefined): number | undefined {
  if (hits === undefined || misses === undefined || hits + misses === 0) return undefined;
  return (hits / (hits + misses)) * 100;
}
