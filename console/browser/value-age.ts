/** Which values are too old to be shown as those of now. Pure. */
import type { Series } from '../dashboards/queries.ts';

/** A value that two more readings should have followed is old. */
const READINGS = 2;

/**
 * The age of a series' latest value where that is older than two readings, in milliseconds. The value of a period is known at its end.
 * @returns undefined for one that is current, and without data
 */
export function oldAge({ points, periodSeconds }: Pick<Series, 'points' | 'periodSeconds'>, nowMs: number): number | undefined {
  const [startMs] = points.at(-1) ?? [];
  if (startMs === undefined) return undefined;
  const ageMs = nowMs - startMs - periodSeconds * 1000;
  return ageMs > READINGS * periodSeconds * 1000 ? ageMs : undefined;
}
