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
 * Both paces keep other clients' commands below 1 ms, or below twice their idle latency where that is longer. A gentle sweep takes
 * small pages and a hundredth of the store's time: one of a hundred commands waits behind a page, for less than 0.1 ms.
 * After a pause a key takes some 5 µs, in pages of any size. A fast sweep takes pages of 200 keys with one cursor and of 100 in
 * parts, whose pages queue behind one another: that keeps a concurrent GET within its bound; larger pages come too near to it
 * (`npm run bench:sweep`).
 */
export function limitsFor(pace: SweepSettings['pace'], idle: IdleLatency, parts = 1, { count }: Reading = {}): PaceLimits {
  const budgetMs = Math.max(1, 2 * idle.p99Ms);
  return pace === 'fast'
    ? { least: 10, most: count ?? (parts > 1 ? 100 : 200), budgetMs, busyMs: Number.POSITIVE_INFINITY, storeShare: 1 }
    : { least: 5, most: 10, budgetMs, busyMs: 0.1, storeShare: 0.01 };
}

export interface Pacer {
  readonly pace: Pace;
  /**
   * @param tookMs a page's round trip
   * @param busyMs its duration on the store
   */
  observe(tookMs: number, busyMs: number): void;
}

/** Additive increase, multiplicative decrease: a window over the budget halves the page, then doubles the slowdown. */
export function createPacer(limits: PaceLimits): Pacer {
  const { least, most, budgetMs } = limits;
  let count = limits.storeShare < 1 ? least : most;
  let slowdown = 1;
  let restMs = 0;
  let window: { readonly tookMs: number; readonly busyMs: number }[] = [];
  return {
    get pace() {
      return { count, restMs, slowdown };
    },
    observe(tookMs, busyMs) {
      window.push({ tookMs, busyMs });
      if (window.length < WINDOW) return;
      const took = medianOf(window.map((page) => page.tookMs)) as number;
      const busy = medianOf(window.map((page) => page.busyMs)) as number;
      window = [];
      if (took > budgetMs) {
        if (count === least) slowdown = Math.min(slowdown * 2, MAX_SLOWDOWN);
        count = Math.max(least, Math.floor(count / 2));
      } else if (slowdown > 1) slowdown /= 2;
      else count = busy > limits.busyMs ? Math.max(least, Math.floor(count / 2)) : Math.min(most, count + STEP);
      restMs = slowdown > 1 ? Math.min(busy * slowdown, LONGEST_REST_MS) : 0;
    },
  };
}
