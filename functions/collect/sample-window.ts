import { medianOf, sumOf } from '../shared/arithmetic.ts';
import type { Counters, MinuteSample, WindowSample } from './contract.ts';
import type { NodeSample } from './read-node.ts';

/** 24 samples 5 minutes apart are two hours: longer than a rush of sign-ins, and some 3 KB of the record. */
const MAX_SAMPLES = 24;

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

/** With three samples, the median tolerates one outlier. */
const MIN_SAMPLES = 3;
/** Memory counts as full from here: evictions or refused writes keep it from growing further. */
const FULL_PERCENT = 99.5;
const HOUR_MS = 3_600_000;
/** No forecast goes further than this number of times what was seen: growth of ten minutes, such as a start's, says nothing about hours. */
const MOST_TIMES_SEEN = 4;

export interface MemoryForecast {
  /** Undefined while there are too few samples. */
  readonly growthBytesPerHour: number | undefined;
  /** Undefined when memory does not grow, or nothing limits it, or it was seen for too short a time. */
  readonly secondsUntilFull: number | undefined;
}

/**
 * When memory is full if it continues to grow: by the median of the slopes between every two samples (Theil–Sen), which
 * tolerates up to 29 % of outliers, such as a burst of sign-ins or a failover. A daily cycle looks like steady growth when
 * the window is shorter than it.
 * @param samples oldest first, the current reading last
 * @see https://en.wikipedia.org/wiki/Theil%E2%80%93Sen_estimator
 */
export function forecastMemory(samples: readonly Pick<WindowSample, 'atMs' | 'memoryUsedBytes' | 'memoryPercent'>[]): MemoryForecast {
  const percent = samples.at(-1)?.memoryPercent ?? null;
  const growthBytesPerHour = slopePerHour(samples.map(({ atMs, memoryUsedBytes }) => [atMs, memoryUsedBytes]));
  if (percent !== null && percent >= FULL_PERCENT) return { growthBytesPerHour, secondsUntilFull: 0 };
  const slope = slopePerHour(samples.flatMap(({ atMs, memoryPercent }) => (memoryPercent === null ? [] : [[atMs, memoryPercent]])));
  const untilFullMs = percent !== null && slope !== undefined && slope > 0 ? ((100 - percent) / slope) * HOUR_MS : Number.POSITIVE_INFINITY;
  const seenMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
  return { growthBytesPerHour, secondsUntilFull: untilFullMs <= MOST_TIMES_SEEN * seenMs ? Math.round(untilFullMs / 1000) : undefined };
}

type Point = readonly [atMs: number, value: number];

function slopePerHour(points: readonly (readonly number[])[]): number | undefined {
  if (points.length < MIN_SAMPLES) return undefined;
  const slopes = (points as readonly Point[]).flatMap(([atMs, value], index) =>
    (points as readonly Point[])
      .slice(index + 1)
      .flatMap(([laterMs, later]) => (laterMs > atMs ? [((later - value) / (laterMs - atMs)) * HOUR_MS] : [])),
  );
  return medianOf(slopes);
}
