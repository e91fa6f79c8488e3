/** The times that a dashboard shows. Pure. */

export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a page may ask for at most: what CloudWatch keeps of one-minute metrics. */
export const MOST_MINUTES = 15 * 1_440;

export const rangeOf = (minutes: number, nowMs: number): TimeRange => ({ startMs: nowMs - minutes * 60_000, endMs: nowMs });

const UNIT_MINUTES = { W: 10_080, D: 1_440, H: 60, M: 1 } as const;

/** Minutes of a body's relative `start`: `-PT3H` is 180, `-P7D` 10,080; undefined for months, and for a time. */
export function minutesOf(start: string | undefined): number | undefined {
  const found = /^-P(?:(\d+)([WD]))?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(start ?? '');
  if (!found) return undefined;
  const [, days = 0, unit = 'D', hours = 0, minutes = 0] = found;
  const sum = Number(days) * UNIT_MINUTES[unit as 'W' | 'D'] + Number(hours) * UNIT_MINUTES.H + Number(minutes);
  return sum > 0 ? sum : undefined;
}
