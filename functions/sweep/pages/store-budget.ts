/** A share of a store's time: what the sweep takes is paid for by pauses. Pure. */

/**
 * A correction downwards leaves a credit of unused time. It is limited to a few pages, so that not too many follow each other without a
 * pause.
 */
const MAX_CREDIT_MS = 0.3;
/** Longest pause: a sweep of a store that is very slow ends nevertheless. */
const LONGEST_PAUSE_MS = 1_000;

export interface StoreBudget {
  /** @param ms of the store's time; negative for a correction downwards */
  spend(ms: number, nowMs: number): void;
  /** Until the sweep's share is kept again, milliseconds. */
  pauseMs(nowMs: number): number;
}

/** @param share of the store's time, from 0 to below 1 @param nowMs by a monotonic clock */
export function createStoreBudget(share: number, nowMs: number): StoreBudget {
  let debtMs = 0;
  let atMs = nowMs;
  const settle = (now: number) => {
    debtMs = Math.max(-MAX_CREDIT_MS, debtMs - Math.max(0, now - atMs) * share);
    atMs = now;
  };
  return {
    spend(ms, now) {
      settle(now);
      debtMs = Math.min(debtMs + ms, LONGEST_PAUSE_MS * share);
    },
    pauseMs(now) {
      settle(now);
      return debtMs > 0 ? debtMs / share : 0;
    },
  };
}
