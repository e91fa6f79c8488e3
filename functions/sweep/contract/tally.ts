/** What a sweep counts and notes: plain data of bounded size, so that it fits a checkpoint. */
import { addNumbers } from '../../shared/arithmetic.ts';
import type { Policy } from './settings.ts';

/** Upper bounds, in bytes; the last class has none. */
export const SIZE_CLASSES_BYTES = [1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 16_777_216] as const;
/** Upper bounds of the time since the last use, in seconds: an hour, a day, a week, 30 days; the last class has none. */
export const AGE_CLASSES_SECONDS = [3_600, 86_400, 604_800, 2_592_000] as const;

/** Why a sweep does not repair a key without a TTL. */
export const UNREPAIRED_REASONS = [
  'unknown',
  'unverified',
  'structural',
  'report-only',
  'permanent',
  'unreadable',
  'unconfirmed',
  'uncounted',
  'delete-limit',
  'changed-meanwhile',
  'not-permitted',
] as const;
export type UnrepairedReason = (typeof UNREPAIRED_REASONS)[number];

/**
 * What can be left of a session that is over. `ended`: a user has logged out, and the framework keeps the session for a while.
 * `ghost`: a server that has a copy of a session goes on answering with it after the session has gone from the store, and writes parts of
 * it back; other servers refuse it. `partial`: a request has saved its changes to a session that had gone, and the framework cannot read
 * what that made.
 */
export const REMAINS = ['ended', 'ghost', 'partial'] as const;
export type Remains = (typeof REMAINS)[number];

export type RemainsCounts = Readonly<Partial<Record<Remains, number>>>;

interface KeyNote {
  readonly id: string;
  readonly dialect: string;
}

export interface RemainsNote extends KeyNote {
  readonly remains: Remains;
  readonly hasTtl: boolean;
}

/** The life of one session with a TTL, in seconds. */
export interface LifeNote {
  /** By the key's hash, from 0 to 1: the same for each sweep of it. */
  readonly share: number;
  /** As the session declares it; otherwise what was left of its TTL. */
  readonly seconds: number;
  readonly isDeclared: boolean;
}

/** A dialect's lives are estimated from as many sessions, those with the smallest shares. */
export const MOST_LIFE_NOTES = 50;

export interface DialectTally {
  /** Sessions with a TTL, and their bytes, as the sampled ones show. */
  readonly sampled: number;
  readonly sampledBytes: number;
  readonly structural: number;
  /** Sessions without a TTL, and their companions without one. */
  readonly sessionsWithoutTtl: number;
  readonly companionsWithoutTtl: number;
  /** Bytes of the keys without a TTL, structural ones not counted. */
  readonly bytesWithoutTtl: number;
  readonly repaired: number;
  readonly deleted: number;
  readonly unrepaired: Partial<Record<UnrepairedReason, number>>;
  /** Keys that are left of sessions that are over: those with a TTL, as the sampled ones show, which are not in `sampled`; and all without a TTL. */
  readonly remainsSampled?: RemainsCounts;
  readonly remainsWithoutTtl?: RemainsCounts;
  /** The smallest share first. */
  readonly lifeNotes?: readonly LifeNote[];
  /** Number of keys in each of {@link AGE_CLASSES_SECONDS}; the last entry: of unknown age. */
  readonly ages: readonly number[];
  readonly policy: Policy;
}

/** A key without a TTL. */
export interface PersistentKeyNote extends KeyNote {
  readonly type: string;
  readonly bytes?: number;
  readonly idleSeconds?: number;
  readonly done: 'expire' | 'delete' | UnrepairedReason;
  /** The TTL that it received. */
  readonly seconds?: number;
}

export interface LargeNote extends KeyNote {
  readonly bytes: number;
}

/** Keys that no known framework writes, by what their names and values have in common. It has no id and no value. */
export interface LearnedShape {
  /** `cart:{id:32}`; `*` is a part that differs. */
  readonly shape: string;
  readonly type: string;
  readonly keys: number;
  /** At most as many further keys were counted among other shapes, before this one had a place of its own. */
  readonly missed?: number;
  /** Of them, those that were used or written in the last day. */
  readonly recent: number;
  /** The longest time since a use, where the store keeps idle times. */
  readonly oldestIdleSeconds?: number;
  /** What all of their strings begin with, in hexadecimal: three bytes at most. */
  readonly firstBytes?: string;
  /** Fields that all of their hashes have, first those that a known framework writes; not all of many. */
  readonly fields?: readonly string[];
  /** The framework whose sessions all of them resemble, under another name. */
  readonly resembles?: string;
}

/** What a full sweep keeps on record of the shapes of unknown keys without a TTL, for the next one. */
export interface ShapeCounts {
  /** All unknown keys without a TTL. */
  readonly keys: number;
  /** A shape that is not listed had no more keys. */
  readonly mostOfOthers: number;
  readonly shapes: readonly Pick<LearnedShape, 'shape' | 'type' | 'keys' | 'missed'>[];
}

/** A shape with more keys than the full sweep before found. */
export interface GrownShape extends Pick<LearnedShape, 'shape' | 'type' | 'keys'> {
  /** At least. */
  readonly grown: number;
}

export interface Tally {
  readonly keys: number;
  /** Keys of no known dialect: those with a TTL, as the sampled ones show, and all without a TTL. */
  readonly unknownSampled: number;
  readonly unknown: number;
  readonly byDialect: Readonly<Record<string, DialectTally>>;
  /** Number of keys in each of {@link SIZE_CLASSES_BYTES}: those with a TTL, as the sampled ones show, and all keys without a TTL. */
  readonly sizes: readonly number[];
  /** Largest first. */
  readonly large: readonly LargeNote[];
  /** The first ones; counts are of all. */
  readonly persistentKeys: readonly PersistentKeyNote[];
  /** The first keys that are left of sessions that are over. */
  readonly remains?: readonly RemainsNote[];
  /** Members removed from an index, or that a dry run would remove. */
  readonly reconciled: number;
  /** Members of indexes that are no id as far as this program knows: never removed. */
  readonly notJudged?: number;
  /** Unknown keys without a TTL, by type and shape; of a run that learns, with what their values have in common. */
  readonly shapes?: Readonly<Record<string, LearnedShape>>;
  /** Of a run that learns: unknown keys with a TTL, likewise, as the sampled ones show. */
  readonly shapesWithTtl?: Readonly<Record<string, LearnedShape>>;
  /** What a run that changes lives did. */
  readonly lives?: LivesTally;
}

/** Runs that change the lives of sessions which have one, instead of repairing keys without a TTL. */

/**
 * `raise`: sessions that would end before the life that their own value states. `shorten-anonymous`: sessions that
 * hold nothing of a user.
 */
export const LIFE_CHANGES = ['raise', 'shorten-anonymous'] as const;
export type LifeChange = (typeof LIFE_CHANGES)[number];

/** The most lives that one run changes, as a sweep deletes no more than its limit of keys. */
export const MOST_LIVES = 100_000;

/** What a run did with sessions that have a TTL. */
export interface LivesTally {
  /** In a dry run, what it would change. */
  readonly changed: number;
  /** Lives that are as they should be, or that the application has changed meanwhile. */
  readonly kept: number;
  /** The sweep's user is not allowed to change them. */
  readonly notPermitted: number;
  /** Lives that the run did not change because it had reached its limit. */
  readonly overLimit: number;
}

export const NO_LIVES: LivesTally = { changed: 0, kept: 0, notPermitted: 0, overLimit: 0 };

export const addLives = (one: LivesTally = NO_LIVES, other: LivesTally = NO_LIVES): LivesTally => addNumbers(one, other);
