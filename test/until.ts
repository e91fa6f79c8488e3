import { setTimeout as sleep } from 'node:timers/promises';

type Answer<T> = T | undefined | false;

const FIRST_PAUSE_MS = 3;
const LONGEST_PAUSE_MS = 200;
/** Each pause is longer than the one before, so that the wait overshoots by some 20% at most. */
const GROWTH = 1.2;

/**
 * Polls until `condition` returns a value that is neither undefined nor false, and returns that value.
 *
 * @param what names the condition in the error; a function is called when it has failed, and can say how things stand then
 * @param timeoutMs by default most of the time-out of a test
 */
export async function until<T>(
  condition: () => Answer<T> | Promise<Answer<T>>,
  what: string | (() => string) = String(condition),
  timeoutMs = 150_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * GROWTH, LONGEST_PAUSE_MS)) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${typeof what === 'string' ? what : what()}`);
    await sleep(pauseMs);
  }
}
