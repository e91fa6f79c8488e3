/** Counts and notes of keys that are left of sessions that are over. Pure. */
import type { Remains, RemainsCounts, RemainsNote } from '../contract/tally.ts';
import type { KnownKey } from '../keys/classify-key.ts';

export interface Seen {
  /** Computed on access: for most keys only counts are kept. */
  readonly id: string;
  readonly known: KnownKey | undefined;
  /** Undefined for a session that is not over, and for other keys. */
  readonly remains?: Remains | undefined;
}

const MAX_NOTES = 20;

export const addRemainsCount = (counts: RemainsCounts = {}, remains: Remains, more = 1): RemainsCounts => ({
  ...counts,
  [remains]: (counts[remains] ?? 0) + more,
});

/** The first notes. */
export function addRemains(
  before: readonly RemainsNote[] = [],
  withoutTtl: readonly Seen[],
  withTtl: readonly Seen[],
): readonly RemainsNote[] {
  const notes = [...withoutTtl.flatMap((one) => noteOf(one, false)), ...withTtl.flatMap((one) => noteOf(one, true))];
  return notes.length === 0 ? before : [...before, ...notes].slice(0, MAX_NOTES);
}

const noteOf = (one: Seen, hasTtl: boolean): RemainsNote[] =>
  one.known && one.remains ? [{ id: one.id, dialect: one.known.dialect.name, remains: one.remains, hasTtl }] : [];
