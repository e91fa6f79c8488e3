/** How big the next page is, and how long to wait before it: by how the store answers. Pure. */
import type { SweepSettings } from './settings.ts';

export interface Pace {
  /** COUNT of the next page. */
  readonly count: number;
  readonly pauseMs: number;
}

export interface PaceLimits {
  readonly least: number;
  readonly most: number;
  /** What a page may take, over the network and back: another client's command waits no longer behind it. */
  readonly budgetMs: number;
  /** Share of the store's time that pages may take, from 0 to 1; 1 never pauses. */
  readonly storeShare: number;
}

/** How the store answers an idle moment's PING, milliseconds. */
export interface IdleAnswer {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Pages that are judged together: a single late answer is the network's, or a pause of this very process. */
const WINDOW = 8;
const STEP = 10;
const LONGEST_PAUSE_MS = 250;

/**
 * A fast sweep keeps others' commands below 1 ms, or twice their idle time where that is longer. A gentle one takes small
 * pages and a fiftieth of the store's time: of a hundred commands two wait behind a page, and for less than a tenth of a ms.
 */
export function limitsFor(pace: SweepSettings['pace'], idle: IdleAnswer): PaceLimits {
  if (pace === 'fast') return { least: 10, most: 100, budgetMs: Math.max(1, 2 * idle.p99Ms), storeShare: 1 };
  return { least: 10, most: 40, budgetMs: idle.medianMs + Math.max(0.15, 0.3 * idle.p99Ms), storeShare: 0.02 };
}

export interface Pacer {
  readonly pace: Pace;
  /** @param tookMs a page's time, over the network and back */
  observe(tookMs: number): void;
}

/** Additive increase, multiplicative decrease: a window over the budget halves the page, then doubles the pause. */
export function createPacer(limits: PaceLimits, idle: IdleAnswer): Pacer {
  const { least, most, budgetMs, storeShare } = limits;
  let count = storeShare < 1 ? least : most;
  let penalty = 1;
  let pauseMs = 0;
  let window: number[] = [];
  return {
    get pace() {
      return { count, pauseMs };
    },
    observe(tookMs) {
      window.push(tookMs);
      if (window.length < WINDOW) return;
      const median = window.toSorted((a, b) => a - b)[WINDOW / 2] as number;
      window = [];
      if (median > budgetMs) {
        if (count === least) penalty = Math.min(penalty * 2, 1024);
        count = Math.max(least, Math.floor(count / 2));
      } else {
        if (penalty > 1) penalty /= 2;
        else count = Math.min(most, count + STEP);
      }
      // What the page took of the store itself, the way there and back left out; a timer knows whole milliseconds only.
      const busyMs = Math.max(0.02, median - idle.medianMs);
      const restMs = storeShare < 1 ? busyMs / storeShare - busyMs : penalty > 1 ? busyMs : 0;
      pauseMs = Math.min(restMs * penalty, LONGEST_PAUSE_MS);
    },
  };
}
