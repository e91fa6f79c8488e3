/** Pages that are handled together. */

import type { Part } from '../contract/checkpoint.ts';
import type { Page, PageKeys } from '../store/sweep-store.ts';

export interface Batch extends PageKeys {
  /** All parts after the batch's last page: saved with its keys. */
  readonly parts: readonly Part[];
}

/** Persistent keys of several pages are repaired together: each repair takes three round trips for any number of keys. */
const PERSISTENT_KEYS_AT_ONCE = 50;
/** A smaller batch while the store prepares the next pages at the same time: with more keys, finished pages would wait for this process. */
const PERSISTENT_KEYS_BETWEEN_PAGES = 10;
/** Large sessions of several pages are handled together, which then raises the limit for the next pages. */
const LARGER_AT_ONCE = 100;
/** Where few keys are persistent, samples fill the batch. */
const SAMPLES_AT_ONCE = 200;

/** @param canOverlap pages are read while the batch is handled */
export const isFull = ({ persistentKeys, larger, samples }: Batch, canOverlap: boolean): boolean =>
  persistentKeys.length >= (canOverlap ? PERSISTENT_KEYS_BETWEEN_PAGES : PERSISTENT_KEYS_AT_ONCE) ||
  larger.length >= LARGER_AT_ONCE ||
  samples.length >= SAMPLES_AT_ONCE;

/** Adds a page to a batch; the earlier server time counts. */
export const addToBatch = (batch: Batch | undefined, page: Page, parts: readonly Part[]): Batch =>
  batch === undefined
    ? { ...page, parts }
    : {
        parts,
        keys: batch.keys + page.keys,
        serverTimeMs: Math.min(batch.serverTimeMs, page.serverTimeMs),
        persistentKeys: join(batch.persistentKeys, page.persistentKeys),
        samples: join(batch.samples, page.samples),
        larger: join(batch.larger, page.larger),
        longNames: {
          persistent: batch.longNames.persistent + page.longNames.persistent,
          sampled: batch.longNames.sampled + page.longNames.sampled,
        },
      };

const join = <T>(some: readonly T[], more: readonly T[]): readonly T[] => (more.length === 0 ? some : [...some, ...more]);
