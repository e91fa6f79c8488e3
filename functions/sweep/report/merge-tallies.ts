import { addLives } from '../contract/lives.ts';
import type { DialectTally, Tally } from '../contract/tally.ts';
import { addLifeNotes, largest } from './count-tally.ts';
import { mergeShapes } from './learned-shapes.ts';

/** Merges the tallies of all shards. Pure. */
export function mergeTallies(tallies: readonly Tally[]): Tally | undefined {
  return tallies.length === 0 ? undefined : tallies.reduce(merge);
}

function merge(one: Tally, other: Tally): Tally {
  return {
    keys: one.keys + other.keys,
    unknownSampled: one.unknownSampled + other.unknownSampled,
    unknown: one.unknown + other.unknown,
    byDialect: mergeRecords(one.byDialect, other.byDialect, mergeDialects),
    sizes: addEach(one.sizes, other.sizes),
    large: largest([...one.large, ...other.large]),
    persistentKeys: [...one.persistentKeys, ...other.persistentKeys],
    remains: [...(one.remains ?? []), ...(other.remains ?? [])],
    reconciled: one.reconciled + other.reconciled,
    ...((one.notJudged ?? other.notJudged) !== undefined && { notJudged: (one.notJudged ?? 0) + (other.notJudged ?? 0) }),
    ...((one.shapes || other.shapes) && { shapes: mergeShapes(one.shapes, other.shapes) }),
    ...((one.shapesWithTtl || other.shapesWithTtl) && { shapesWithTtl: mergeShapes(one.shapesWithTtl, other.shapesWithTtl) }),
    ...((one.lives || other.lives) && { lives: addLives(one.lives, other.lives) }),
  };
}

const mergeDialects = (one: DialectTally, other: DialectTally): DialectTally => ({
  sampled: one.sampled + other.sampled,
  sampledBytes: one.sampledBytes + other.sampledBytes,
  structural: one.structural + other.structural,
  sessionsWithoutTtl: one.sessionsWithoutTtl + other.sessionsWithoutTtl,
  companionsWithoutTtl: one.companionsWithoutTtl + other.companionsWithoutTtl,
  bytesWithoutTtl: one.bytesWithoutTtl + other.bytesWithoutTtl,
  repaired: one.repaired + other.repaired,
  deleted: one.deleted + other.deleted,
  unrepaired: addCounts(one.unrepaired, other.unrepaired),
  remainsSampled: addCounts(one.remainsSampled, other.remainsSampled),
  remainsWithoutTtl: addCounts(one.remainsWithoutTtl, other.remainsWithoutTtl),
  ...((one.lifeNotes || other.lifeNotes) && { lifeNotes: addLifeNotes(one.lifeNotes, other.lifeNotes) }),
  ages: addEach(one.ages, other.ages),
  policy: one.policy,
});

/** Counts by name. */
export const addCounts = <K extends string>(one: Partial<Record<K, number>> = {}, other: Partial<Record<K, number>> = {}) =>
  mergeRecords(one as Record<string, number>, other as Record<string, number>, (a, b) => a + b) as Partial<Record<K, number>>;

const addEach = (one: readonly number[], other: readonly number[]): number[] => one.map((value, at) => value + (other[at] ?? 0));

function mergeRecords<T>(one: Readonly<Record<string, T>>, other: Readonly<Record<string, T>>, join: (a: T, b: T) => T): Record<string, T> {
  const merged: Record<string, T> = { ...one };
  for (const [name, value] of Object.entries(other)) merged[name] = name in merged ? join(merged[name] as T, value) : value;
  return merged;
}
