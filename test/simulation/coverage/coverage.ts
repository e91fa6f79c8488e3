/** What runs have reached: counts by name. */
export interface Coverage {
  /** Visits, by `MACHINE/STATE`. */
  readonly states: Counts;
  /** Errors that went to a state's Catch, by `MACHINE/STATE`. */
  readonly catches: Counts;
  /** Runs in which something rare happened, by its name. */
  readonly sometimes: Counts;
}

export type Counts = Record<string, number>;

export const noCoverage = (): Coverage => ({ states: {}, catches: {}, sometimes: {} });

export function count(counts: Counts, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

export function addCoverage(sum: Coverage, one: Coverage): void {
  for (const part of ['states', 'catches', 'sometimes'] as const) addCounts(sum[part], one[part]);
}

export function addCounts(sum: Counts, one: Counts): void {
  for (const [name, by] of Object.entries(one)) count(sum, name, by);
}

/** By name, so that two outputs can be compared. */
export const sorted = (counts: Counts): Counts => Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
