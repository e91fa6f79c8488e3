/** Repeats the queries until each has returned data, or the deadline has passed. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Checked } from './checked-queries.ts';

const POLL_MS = 500;

/** A query that returned nothing. */
export interface Missing {
  readonly kind: Checked['kind'];
  readonly name: string;
  readonly query: string;
}

/**
 * @param values runs one query; its error ends the wait
 * @param deadlineMs of `performance.now()`
 * @returns the queries that never returned a sample that is a number
 */
export async function awaitData(
  all: readonly Checked[],
  values: (query: string) => Promise<readonly number[]>,
  deadlineMs: number,
): Promise<Missing[]> {
  let missing: Missing[] = all.flatMap(({ kind, name, queries }) => queries.map((query) => ({ kind, name, query })));
  for (;;) {
    const remaining: Missing[] = [];
    for (const entry of missing) if (!(await values(entry.query)).some((value) => !Number.isNaN(value))) remaining.push(entry);
    missing = remaining;
    if (missing.length === 0 || performance.now() >= deadlineMs) return missing;
    await pause(POLL_MS);
  }
}
