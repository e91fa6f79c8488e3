/** Counts and notes of keys that are left of sessions that are over. Pure. */
import type { Remains, RemainsCounts, RemainsNote } from '../contract/tally.ts';
import type { KnownKey } from '../keys/classify-key.ts';

interface Seen {
  /** Computed on access. */
  readonly id: string;
  readonly known: KnownKey | undefined;
  readonly remains?: Remains | undefined;
}

const MAX_NOTES = 20;

export const addRemainsCount = (counts: RemainsCounts = {}, remains: Remains): RemainsCounts => ({
  ...counts,
  [remains]: (counts[remains] ?? 0) + 1,
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
