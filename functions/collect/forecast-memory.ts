import { medianOf } from '../shared/arithmetic.ts';
import type { WindowSample } from './contract.ts';

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
