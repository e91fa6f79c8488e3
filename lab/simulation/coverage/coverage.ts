/** What runs have reached: counts by name. */
export interface Coverage {
  /** Visits, by `MACHINE/STATE`. */
  readonly states: Counts;
  /** Errors that went to a state's Catch, by `MACHINE/STATE`. */
  readonly catches: Counts;
  /** Runs in which something rare happened, by its name. */
  readonly sometimes: Counts;
  /** Branches that a Choice took: `MACHINE/STATE → STATE`. */
  readonly branches: Counts;
  /** Names of the errors that a Catch took, or a Retry. */
  readonly errors: Counts;
  /** Executions that were stopped or ran out of time, by the state that they were in. */
  readonly stops: Counts;
  /** Faults that took effect, by the deploy's phase: `server.dead, baking`. */
  readonly faultPhases: Counts;
}

/** What is to be reached, by the definitions. */
export interface Reachable {
  /** `MACHINE/STATE`. */
  readonly states: readonly string[];
  readonly catches: readonly string[];
  /** `MACHINE/STATE → STATE`. */
  readonly branches: readonly string[];
}

export type Counts = Record<string, number>;

export const noCoverage = (): Coverage => ({
  states: {},
  catches: {},
  sometimes: {},
  branches: {},
  errors: {},
  stops: {},
  faultPhases: {},
});

export function count(counts: Counts, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

const PARTS = Object.keys(noCoverage()) as (keyof Coverage)[];

export function addCoverage(sum: Coverage, one: Coverage): void {
  for (const part of PARTS) addCounts(sum[part], one[part]);
}

export function addCounts(sum: Counts, one: Counts): void {
  for (const [name, by] of Object.entries(one)) count(sum, name, by);
}

/** By name, so that two outputs can be compared. */
export const sorted = (counts: Counts): Counts => Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
