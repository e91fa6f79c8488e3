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
  /** What it may take of the store itself. */
  readonly busyMs: number;
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
/** A store that stays slow is asked that much less, and still gone through in the end. */
const MOST_PENALTY = 16;

/**
 * Both keep others' commands below 1 ms, or twice their idle time where that is longer. A gentle sweep takes small pages and
 * a hundredth of the store's time besides: of a hundred commands one waits behind a page, and for less than a tenth of a ms.
 * After a pause a key costs some 5 µs, in small pages as in large ones. A fast one goes by 200 keys, which
 * keeps a GET beside it within its bound; larger pages come too near it (`npm run bench:sweep`).
 */
export function limitsFor(pace: SweepSettings['pace'], idle: IdleAnswer): PaceLimits {
  const budgetMs = Math.max(1, 2 * idle.p99Ms);
  return pace === 'fast'
    ? { least: 10, most: 200, budgetMs, busyMs: Number.POSITIVE_INFINITY, storeShare: 1 }
    : { least: 5, most: 10, budgetMs, busyMs: 0.1, storeShare: 0.01 };
}

export interface Pacer {
  readonly pace: Pace;
  /**
   * @param tookMs a page's time, over the network and back
   * @param busyMs what it took of the store, by the store's own clock; undefined where it does not tell
   */
  observe(tookMs: number, busyMs?: number): void;
}

/** Additive increase, multiplicative decrease: a window over the budget halves the page, then doubles the pause. */
export function createPacer(limits: PaceLimits, idle: IdleAnswer): Pacer {
  const { least, most, budgetMs, storeShare } = limits;
  let count = storeShare < 1 ? least : most;
  let penalty = 1;
  let pauseMs = 0;
  let window: { readonly tookMs: number; readonly busyMs: number }[] = [];
  const medianOf = (part: 'tookMs' | 'busyMs') => window.map((page) => page[part]).sort((a, b) => a - b)[WINDOW / 2] as number;
  return {
    get pace() {
      return { count, pauseMs };
    },
    observe(tookMs, busyMs = tookMs - idle.medianMs) {
      // A clock that was set meanwhile tells nonsense.
      window.push({ tookMs, busyMs: Math.min(Math.max(0.02, busyMs), tookMs) });
      if (window.length < WINDOW) return;
      const took = medianOf('tookMs');
      const busy = medianOf('busyMs');
      window = [];
      if (took > budgetMs) {
        if (count === least) penalty = Math.min(penalty * 2, MOST_PENALTY);
        count = Math.max(least, Math.floor(count / 2));
      } else if (penalty > 1) penalty /= 2;
      else count = busy > limits.busyMs ? Math.max(least, Math.floor(count / 2)) : Math.min(most, count + STEP);
      const restMs = storeShare < 1 ? busy / storeShare - busy : penalty > 1 ? busy : 0;
      pauseMs = Math.min(restMs * penalty, LONGEST_PAUSE_MS);
    },
  };
}
