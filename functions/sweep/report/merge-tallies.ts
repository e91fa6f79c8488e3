import type { DialectCount } from '../../records/ttl-baseline.ts';
import { addNumbers, sumOf } from '../../shared/arithmetic.ts';
import { addLives, type DialectTally, type Tally, type UnrepairedReason } from '../contract/tally.ts';
import { CATALOGUE } from '../keys/catalogue.ts';
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

function mergeDialects(one: DialectTally, other: DialectTally): DialectTally {
  const { unrepaired, remainsSampled, remainsWithoutTtl, lifeNotes, ages, policy, ...counts } = one;
  return {
    ...addNumbers(counts, other),
    unrepaired: addCounts(unrepaired, other.unrepaired),
    remainsSampled: addCounts(remainsSampled, other.remainsSampled),
    remainsWithoutTtl: addCounts(remainsWithoutTtl, other.remainsWithoutTtl),
    ...((lifeNotes || other.lifeNotes) && { lifeNotes: addLifeNotes(lifeNotes, other.lifeNotes) }),
    ages: addEach(ages, other.ages),
    policy,
  };
}

export const addCounts = <K extends string>(one: Partial<Record<K, number>> = {}, other: Partial<Record<K, number>> = {}) =>
  mergeRecords(one as Record<string, number>, other as Record<string, number>, (a, b) => a + b) as Partial<Record<K, number>>;

const addEach = (one: readonly number[], other: readonly number[]): number[] => one.map((value, at) => value + (other[at] ?? 0));

function mergeRecords<T>(one: Readonly<Record<string, T>>, other: Readonly<Record<string, T>>, join: (a: T, b: T) => T): Record<string, T> {
  const merged: Record<string, T> = { ...one };
  for (const [name, value] of Object.entries(other)) merged[name] = name in merged ? join(merged[name] as T, value) : value;
  return merged;
}

/** Sessions of users in a tally, without what is left of others. Pure. */

/** connect-redis with `disableTTL` writes no TTL at all; where fewer lack one, something has forgotten it. */
const NEARLY_ALL_PERCENT = 90;
/** Of fewer sessions no share is known. */
export const FEWEST_SESSIONS = 100;
const FOR_EVER = new Set(CATALOGUE.filter(({ canLastForEver }) => canLastForEver).map(({ name }) => name));
/** Two standard errors of a share of 90 %, of one session. */
const SAMPLE_ERROR_PERCENT = 60;

/** Why a session has no TTL by somebody's decision, or with a life that is not known. */
const MEANT: readonly UnrepairedReason[] = ['report-only', 'permanent', 'unreadable'];

/** Sessions of a user, and those of them without a TTL that a sweep would repair. */
export function countOf(dialect: DialectTally): DialectCount {
  const { sampled, sessionsWithoutTtl, unrepaired, remainsWithoutTtl = {} } = dialect;
  const meant = sumOf(MEANT, (reason) => unrepaired[reason] ?? 0);
  const withoutTtl = Math.max(0, sessionsWithoutTtl - meant - sumOf(Object.values(remainsWithoutTtl), (keys) => keys));
  return { sessions: sampled + withoutTtl, withoutTtl };
}

/** Those that keep no TTL after a sweep. Repaired companions are in the same number. */
export function countAfter(dialect: DialectTally): DialectCount {
  const { sessions, withoutTtl } = countOf(dialect);
  const { repaired, deleted, companionsWithoutTtl } = dialect;
  return { sessions, withoutTtl: Math.max(0, Math.min(withoutTtl, withoutTtl + companionsWithoutTtl - repaired - deleted)) };
}

/** @param seen so many of them: where they are few, others could be chosen with a share of 90 % in the store */
export const isNearlyAll = (dialect: string, { sessions, withoutTtl }: DialectCount, seen = Number.POSITIVE_INFINITY): boolean =>
  withoutTtl >= (FOR_EVER.has(dialect) ? 1 : FEWEST_SESSIONS) &&
  withoutTtl * 100 >= sessions * (NEARLY_ALL_PERCENT - SAMPLE_ERROR_PERCENT / Math.sqrt(seen));

/** What a sweep that repairs would count, where the policy only reports. */
export const countIfRepaired = ({ unrepaired, ...dialect }: DialectTally): DialectCount =>
  countOf({ ...dialect, unrepaired: { ...unrepaired, 'report-only': 0 } });
