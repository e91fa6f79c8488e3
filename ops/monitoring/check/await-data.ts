/** Asks for every query until all have given data, or the time is over. */
import { pause } from '../../../local/elasticache/wait-until.ts';
import type { Checked } from './checked-queries.ts';

const POLL_MS = 500;

/** A query that gave nothing. */
export interface Missing {
  readonly kind: Checked['kind'];
  readonly name: string;
  readonly query: string;
}

/**
 * @param values asks one query; its error ends the wait
 * @param deadlineMs of `performance.now()`
 * @returns the queries that gave no sample, or none that is a number, at any time
 */
export async function awaitData(
  all: readonly Checked[],
  values: (query: string) => Promise<readonly number[]>,
  deadlineMs: number,
): Promise<Missing[]> {
  let missing: Missing[] = all.flatMap(({ kind, name, queries }) => queries.map((query) => ({ kind, name, query })));
  for (;;) {
    const left: Missing[] = [];
    for (const entry of missing) if (!(await values(entry.query)).some((value) => !Number.isNaN(value))) left.push(entry);
    missing = left;
    if (missing.length === 0 || performance.now() >= deadlineMs) return missing;
    await pause(POLL_MS);
  }
}
