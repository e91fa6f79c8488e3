/** Waiting on something outside this process, always with a bound. */

/**
 * Asks `check` again and again until it gives something.
 *
 * @param timeoutMs after how long to give up
 * @param pollMs pause between two questions
 * @returns the first answer that is not undefined or false
 * @throws Error naming `what` when the time is over; `cause` is the last error of `check`
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
    await pause(pollMs);
  }
}

/** Resolves after `ms` milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
