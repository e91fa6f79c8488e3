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

/** What the work gives; where it takes longer, it goes on, and `late()` is thrown. */
export async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
