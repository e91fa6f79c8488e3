/** Waits for something outside this process, always with a time limit. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `check` until it returns something.
 *
 * @param timeoutMs when to give up
 * @param pollMs pause between two calls
 * @returns the first result that is not undefined or false
 * @throws Error naming `what` after the time limit; `cause` is the last error of `check`
 */
export async function waitUntil<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs, pollMs = 20 }: { readonly timeoutMs: number; readonly pollMs?: number },
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await check();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`, { cause: lastError });
    await sleep(pollMs);
  }
}

/** Resolves with false after `milliseconds`, or earlier with true when `promise` settles. Leaves no timer behind. */
export async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
