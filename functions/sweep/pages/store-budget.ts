/** A share of a store's time: what the sweep takes is paid for by pauses. Pure. */

/**
 * A correction downwards leaves a credit of unused time. It is limited to a few pages, so that not too many follow each other without a
 * pause.
 */
const MAX_CREDIT_MS = 0.3;
/** Longest pause: a sweep of a store that is very slow ends nevertheless. */
const LONGEST_PAUSE_MS = 1_000;
/**
 * Time of the store's that pages take one after the other between two pauses. After a pause a page takes up to twice as long, because another
 * process has used the processor meanwhile. Other clients' commands are served between any two pages, so that none waits for more than one.
 */
const BURST_MS = 1;

export interface StoreBudget {
  /** @param ms of the store's time; negative for a correction downwards */
  spend(ms: number, nowMs: number): void;
  /** Until the sweep's share is kept again, milliseconds; 0: the burst of pages goes on. */
  pauseMs(nowMs: number): number;
}

/** @param share of the store's time, from 0 to below 1 @param nowMs by a monotonic clock */
export function createStoreBudget(share: number, nowMs: number): StoreBudget {
  let debtMs = 0;
  let atMs = nowMs;
  /** A pause is not over before all of the burst is paid for. */
  let isDue = false;
  const settle = (now: number) => {
    debtMs = Math.max(-MAX_CREDIT_MS, debtMs - Math.max(0, now - atMs) * share);
    if (debtMs <= 0) isDue = false;
    atMs = now;
  };
  return {
    spend(ms, now) {
      settle(now);
      debtMs = Math.min(debtMs + ms, LONGEST_PAUSE_MS * share);
    },
    pauseMs(now) {
      settle(now);
      if (debtMs >= BURST_MS) isDue = true;
      return isDue ? debtMs / share : 0;
    },
  };
}
