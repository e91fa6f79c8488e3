import type { VerdictOf } from '../../shared/verdict.ts';
import type { Page } from '../store/sweep-store.ts';

export interface PageSource {
  /** @param keys number of keys before this page, in the whole sweep */
  readonly read: (cursor: string, keys: number) => Promise<Page>;
  /** Pause before the next page; 0: none. */
  readonly pauseMs: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** When true, the current page is the last one. */
  readonly isOver: () => boolean;
}

export interface PageRead {
  readonly page: Page;
  /** Set on the last page: DONE when it is the store's last one, REPEAT when the time is up. */
  readonly verdict: VerdictOf<'DONE' | 'REPEAT'> | undefined;
}

/** Reads page after page. Without pauses the store prepares the next page while the caller handles the last. */
export async function* readPages(source: PageSource, from: string, keysBefore: number): AsyncGenerator<PageRead> {
  let cursor = from;
  let keys = keysBefore;
  let next: Promise<Page> | undefined;
  for (;;) {
    const page = await (next ?? source.read(cursor, keys));
    ({ cursor } = page);
    keys += page.keys;
    const verdict = cursor === '0' ? 'DONE' : source.isOver() ? 'REPEAT' : undefined;
    next = verdict || source.pauseMs() > 0 ? undefined : source.read(cursor, keys);
    next?.catch(() => undefined); // awaited in its turn
    yield { page, verdict };
    if (verdict) return;
    if (next === undefined) await source.pause(source.pauseMs());
  }
}

/** Persistent keys of several pages are repaired together: each repair takes three round trips for any number of keys. */
const PERSISTENT_KEYS_AT_ONCE = 50;
/** Large sessions of several pages are handled together, which then raises the limit for the next pages. */
const LARGER_AT_ONCE = 100;
/** Where few keys are persistent, samples fill the batch: each page copies it. */
const SAMPLES_AT_ONCE = 200;

export const isFull = ({ persistentKeys, larger, samples }: Page): boolean =>
  persistentKeys.length >= PERSISTENT_KEYS_AT_ONCE || larger.length >= LARGER_AT_ONCE || samples.length >= SAMPLES_AT_ONCE;

/** Joins consecutive pages; the earlier server time counts. */
export const joinPages = (one: Page | undefined, other: Page): Page =>
  one === undefined
    ? other
    : {
        cursor: other.cursor,
        keys: one.keys + other.keys,
        serverTimeMs: Math.min(one.serverTimeMs, other.serverTimeMs),
        persistentKeys: [...one.persistentKeys, ...other.persistentKeys],
        samples: [...one.samples, ...other.samples],
        larger: [...one.larger, ...other.larger],
      };
