/** The size of the next page and the pause before it, by the store's latency. Pure. */

import { medianOf } from '../../shared/arithmetic.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { IdleLatency } from '../nodes/probe-store.ts';

export interface Pace {
  /** COUNT of the next page. */
  readonly count: number;
  /** Pause after a page of a fast sweep, for a store that stays slow. */
  readonly restMs: number;
  /** Factor of the pauses of a gentle sweep, for a store that stays slow; 1: none. */
  readonly slowdown: number;
}

export interface PaceLimits {
  readonly least: number;
  readonly most: number;
  /** Maximum round trip of a page: another client's command waits no longer behind it. */
  readonly budgetMs: number;
  /** Maximum duration of a page on the store itself. */
  readonly busyMs: number;
  /** Maximum share of the store's time, from 0 to 1; 1: no pauses. */
  readonly storeShare: number;
}

/** Pages that are judged together: the network, or a pause of this process, can delay a single one. */
const WINDOW = 8;
/** Measured pages that decide on the next ones' size. */
const LEAST_MEASURED = 3;
const STEP = 10;
const LONGEST_REST_MS = 250;
/** A store that stays slow slows the sweep down no further than this, so that the sweep still ends. */
const MAX_SLOWDOWN = 16;

/** A fixed number of parts or keys instead of those that the pace chooses. */
export interface Reading {
  readonly parts?: number;
  /** COUNT of the largest page. */
  readonly count?: number;
}

/** From this round trip on, the network leaves the store idle between the pages of two parts. */
const LONG_ROUND_TRIP_MS = 0.5;

/**
 * Number of parts that are read at once. Two keep the store busy while this process handles a reply, and leave room for other
 * clients; a replica without other clients takes three (`npm run bench:sweep`). A longer way there needs more pages under way. A
 * gentle sweep pauses between its pages.
 * @param isOwn no other client uses the node
 */
export function partsFor(pace: SweepSettings['pace'], idle: IdleLatency, isOwn: boolean, { parts }: Reading = {}): number {
  if (parts !== undefined) return parts;
  if (pace === 'gentle') return 1;
  if (idle.medianMs >= LONG_ROUND_TRIP_MS) return 4;
  return isOwn ? 3 : 2;
}

/**
 * Both paces keep other clients' commands below 1 ms, or below twice their idle latency where that is longer: a command waits behind the
 * pages that are under way, so that a page is over after its `busyMs`, however slow the store is. A gentle sweep takes a hundredth of the
 * store's time: one of a hundred commands waits behind a page. What a page takes before its first key, some 60 µs after a pause, is as
 * much as that of 15 keys, hence up to 40. A fast sweep takes pages of up to 200 keys with one cursor and of 100 in parts, whose pages
 * queue behind one another: more keys gain little (`npm run bench:sweep`).
 */
export function limitsFor(pace: SweepSettings['pace'], idle: IdleLatency, parts = 1, { count }: Reading = {}): PaceLimits {
  const budgetMs = Math.max(1, 2 * idle.p99Ms);
  return pace === 'fast'
    ? { least: 10, most: count ?? (parts > 1 ? 100 : 200), budgetMs, busyMs: parts > 1 ? 0.2 : 0.4, storeShare: 1 }
    : { least: 5, most: 40, budgetMs, busyMs: 0.2, storeShare: 0.01 };
}

export interface Pacer {
  readonly pace: Pace;
  /**
   * @param tookMs a page's round trip
   * @param busyMs its duration on the store; undefined where it was not measured
   */
  observe(tookMs: number, busyMs: number | undefined): void;
}

/**
 * COUNT at which a page takes as long on the store as it may; it grows by a step at most.
 * @param busyMs what a page with `count` took; 0: unknown
 */
export const countFor = (count: number, busyMs: number, { least, most, busyMs: mostMs }: PaceLimits): number =>
  Math.max(least, Math.min(most, count + STEP, busyMs > 0 ? Math.floor((count * mostMs) / busyMs) : most));

/** A window over the budget halves the page, then doubles the slowdown. Below it the page's time on the store decides. */
export function createPacer(limits: PaceLimits): Pacer {
  const { least, most, budgetMs } = limits;
  // A gentle sweep begins with pages that even a slow store has read in time.
  let count = limits.storeShare < 1 ? most / 2 : most;
  let slowdown = 1;
  let restMs = 0;
  let window: number[] = [];
  /** Of the pages that were measured last, as if they had had the present number of keys. */
  let busyMs: readonly number[] = [];
  const resize = (next: number) => {
    busyMs = busyMs.map((ms) => (ms * next) / count);
    count = next;
  };
  return {
    get pace() {
      return { count, restMs, slowdown };
    },
    observe(tookMs, pageMs) {
      window.push(tookMs);
      if (pageMs !== undefined) busyMs = [pageMs, ...busyMs].slice(0, WINDOW);
      if (window.length < WINDOW) return;
      const took = medianOf(window) as number;
      // One page can have waited for the processor.
      const busy = busyMs.length < LEAST_MEASURED ? 0 : (medianOf(busyMs) as number);
      window = [];
      if (took > budgetMs) {
        if (count === least) slowdown = Math.min(slowdown * 2, MAX_SLOWDOWN);
        resize(Math.max(least, Math.floor(count / 2)));
      } else if (slowdown > 1) slowdown /= 2;
      else resize(countFor(count, busy, limits));
      restMs = slowdown > 1 ? Math.min(took * slowdown, LONGEST_REST_MS) : 0;
    },
  };
}
