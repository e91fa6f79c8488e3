import { medianOf, sumOf } from '../shared/arithmetic.ts';
import type { Counters, MinuteSample, WindowSample } from './contract.ts';
import type { NodeSample } from './read-node.ts';

/** 24 samples 5 minutes apart are two hours: longer than a rush of sign-ins, and some 3 KB of the record. */
const MAX_SAMPLES = 24;
/** Fewer are no baseline. */

/** Adds `sample` to the window if the last sample is old enough. If the clock went back, the window starts again. */
export function addSample(window: readonly WindowSample[], sample: WindowSample, sampleSeconds: number): readonly WindowSample[] {
  const last = window.at(-1);
  if (last !== undefined && sample.atMs < last.atMs) return [sample];
  if (last !== undefined && sample.atMs - last.atMs < sampleSeconds * 1000) return window;
  return [...window, sample].slice(-MAX_SAMPLES);
}

/** A run of a runbook looks at them up to an hour after the trouble began; some 2 KB of the record. */
const MOST_MINUTES = 75;

/** Adds a reading. If the clock went back, they start again. */
export const addMinute = (minutes: readonly MinuteSample[], sample: MinuteSample): readonly MinuteSample[] =>
  [...((minutes.at(-1)?.[0] ?? 0) > sample[0] ? [] : minutes), sample].slice(-MOST_MINUTES);

/** The median of the window; undefined while it has too few samples. */
export function baselineOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  return known.length < MIN_SAMPLES ? undefined : medianOf(known);
}

export interface ReplicationLag {
  /** Undefined when there is no replica. */
  readonly seconds: number | undefined;
  readonly bytes: number | undefined;
  /** Replicas that are in sync or catching up, by their primaries. */
  readonly replicas: number;
}

/**
 * How far the slowest replica is behind, by its primary, which each replica sends an acknowledgement per second. A replica that
 * has lost its primary is not in that list, but reports since when.
 */
export function judgeLag(nodes: readonly Pick<NodeSample, 'role' | 'offset' | 'replicas' | 'linkDownSeconds'>[]): ReplicationLag {
  const online = nodes.flatMap(({ offset, replicas }) =>
    replicas.filter(({ state }) => state === 'online').map((replica) => ({ ...replica, bytes: Math.max(0, offset - replica.offset) })),
  );
  const known = (values: readonly number[]) => values.filter((value) => Number.isFinite(value) && value >= 0);
  const most = (values: readonly number[]) => (values.length === 0 ? undefined : Math.max(...values));
  const linkDown = nodes.filter(({ role, linkDownSeconds }) => role === 'replica' && linkDownSeconds > 0);
  return {
    seconds: most([...known(online.map(({ lagSeconds }) => lagSeconds)), ...linkDown.map(({ linkDownSeconds }) => linkDownSeconds)]),
    bytes: most(known(online.map(({ bytes }) => bytes))),
    replicas: online.length,
  };
}

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
