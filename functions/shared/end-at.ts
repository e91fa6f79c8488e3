import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Ends with the work, or at `endMs`, in milliseconds since the epoch, while the work goes on: a call that is under way has limits of its
 * own, which can be longer than the invocation's.
 * @throws what the work throws before
 */
export async function endAt(work: Promise<unknown>, endMs: number, now: () => number): Promise<void> {
  const over = new AbortController();
  const end = sleep(Math.max(0, endMs - now()), undefined, { signal: over.signal }).catch(() => undefined);
  try {
    await Promise.race([work, end]);
  } finally {
    over.abort();
  }
}
