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

export const addLives = (one: LivesTally = NO_LIVES, other: LivesTally = NO_LIVES): LivesTally => ({
  changed: one.changed + other.changed,
  kept: one.kept + other.kept,
  notPermitted: one.notPermitted + other.notPermitted,
  overLimit: one.overLimit + other.overLimit,
});
