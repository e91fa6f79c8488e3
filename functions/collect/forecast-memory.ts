import type { WindowSample } from './contract.ts';
import { medianOf } from './median.ts';

/** Fewer say nothing: of three, one may be off and the median still holds. */
const LEAST_SAMPLES = 3;
/** Memory that is as full as this has been filled: evictions, or refused writes, keep it from growing further. */
const FULL_PERCENT = 99.5;
const HOUR_MS = 3_600_000;

export interface MemoryForecast {
  /** Undefined until enough samples have been. */
  readonly growthBytesPerHour: number | undefined;
  /** Undefined when memory does not grow, or nothing limits it. */
  readonly secondsUntilFull: number | undefined;
}

/**
 * When memory is full, if it goes on growing as it did: the median of the slopes between every two samples (Theil–Sen),
 * which up to 29 % of outliers, such as a burst of log-ins or a failover, do not move. It sees a steady growth; what
 * follows from the hour of the day it takes for one, as long as the window is.
 * @param samples oldest first, the reading itself the last
 * @see https://en.wikipedia.org/wiki/Theil%E2%80%93Sen_estimator
 */
export function forecastMemory(samples: readonly Pick<WindowSample, 'atMs' | 'memoryUsedBytes' | 'memoryPercent'>[]): MemoryForecast {
  const percent = samples.at(-1)?.memoryPercent ?? null;
  const growthBytesPerHour = slopePerHour(samples.map(({ atMs, memoryUsedBytes }) => [atMs, memoryUsedBytes]));
  if (percent !== null && percent >= FULL_PERCENT) return { growthBytesPerHour, secondsUntilFull: 0 };
  const slope = slopePerHour(samples.flatMap(({ atMs, memoryPercent }) => (memoryPercent === null ? [] : [[atMs, memoryPercent]])));
  const isGrowing = percent !== null && slope !== undefined && slope > 0;
  return { growthBytesPerHour, secondsUntilFull: isGrowing ? Math.round(((100 - percent) / slope) * 3_600) : undefined };
}

type Point = readonly [atMs: number, value: number];

function slopePerHour(points: readonly (readonly number[])[]): number | undefined {
  if (points.length < LEAST_SAMPLES) return undefined;
  const slopes = (points as readonly Point[]).flatMap(([atMs, value], index) =>
    (points as readonly Point[])
      .slice(index + 1)
      .flatMap(([laterMs, later]) => (laterMs > atMs ? [((later - value) / (laterMs - atMs)) * HOUR_MS] : [])),
  );
  return medianOf(slopes);
}
